import { Badge, Group, Loader, Text } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import page from '../page/page.module.css'

type Trainer = VillageStatus['trainer']

const labels = {
  missing: { text: 'not set up', color: 'orange' },
  installing: { text: 'being set up', color: 'indigo' },
  ready: { text: 'ready', color: 'teal' },
  failed: { text: 'failed', color: 'red' },
} as const satisfies Record<Trainer['state'], { text: string; color: string }>

/** The Python side; serving goes on without it, training waits for it. */
export function TrainerState({ trainer }: { readonly trainer: Trainer }) {
  const { text, color } = labels[trainer.state]
  return (
    <div className={page.trainer}>
      <Group gap={8} wrap="nowrap">
        <Text className={page.eyebrow}>Trainer (Python)</Text>
        <Badge size="sm" variant="light" color={color}>
          {text}
        </Badge>
        {trainer.state === 'installing' && <Loader size={12} aria-label="Being set up" />}
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {trainer.detail}
      </Text>
    </div>
  )
}
