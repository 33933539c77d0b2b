import { Button, Group, NumberInput, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { useMayManage } from '../api/use-may-manage.ts'
import { setTarget } from '../api/village-client.ts'
import { agentTitle } from '../loop/loop-stages.ts'
import {
  kindOfTarget,
  numberOfTarget,
  targetBody,
  targetKinds,
  targetLabels,
} from './target-wish.ts'
import type { TargetKind } from './target-wish.ts'

type Agent = VillageStatus['agents'][number]

/** The agent's target in words; who manages the village can change it. */
export function TargetControl(props: { readonly agent: Agent; readonly apiKey: string }) {
  const { agent, apiKey } = props
  const [isOpen, setOpen] = useState(false)
  const mayManage = useMayManage(apiKey)
  return (
    <>
      {agent.target.words}
      {agent.target.unmet !== null && (
        <Text size="xs" c="orange">
          {agent.target.unmet}
        </Text>
      )}
      {mayManage && !isOpen && (
        <Button
          size="compact-xs"
          variant="light"
          ml={8}
          aria-label={`Change the target of ${agentTitle(agent.name)}`}
          onClick={() => setOpen(true)}
        >
          Change
        </Button>
      )}
      {isOpen && <TargetForm agent={agent} apiKey={apiKey} onDone={() => setOpen(false)} />}
    </>
  )
}

function TargetForm(props: {
  readonly agent: Agent
  readonly apiKey: string
  readonly onDone: () => void
}) {
  const { agent, apiKey, onDone } = props
  const [kind, setKind] = useState<TargetKind>(kindOfTarget(agent.target))
  const [value, setValue] = useState<number | string>(numberOfTarget(agent.target, kind) ?? '')
  const saving = useMutation({
    mutationFn: (wanted: number) =>
      setTarget(apiKey, agent.name, targetBody(kind, wanted, agent.target)),
    // The event stream brings the new target to the card.
    onSuccess: onDone,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (typeof value === 'number') saving.mutate(value)
  }
  return (
    <form onSubmit={submit} aria-label={`Target of ${agentTitle(agent.name)}`}>
      <Stack gap={6} mt={6}>
        <SegmentedControl
          size="xs"
          data={[...targetKinds]}
          value={kind}
          onChange={(next) => {
            setKind(next)
            setValue(numberOfTarget(agent.target, next) ?? '')
          }}
        />
        <NumberInput
          size="xs"
          label={targetLabels[kind]}
          min={0}
          value={value}
          onChange={setValue}
          error={saving.error?.message}
        />
        {kind !== 'quality' && (
          <Text size="xs" c="dimmed">
            The village then serves what it takes at the least expected loss; quality is not
            bounded.
          </Text>
        )}
        <Group gap="xs">
          <Button size="compact-xs" type="submit" loading={saving.isPending}>
            Set
          </Button>
          <Button size="compact-xs" variant="default" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
