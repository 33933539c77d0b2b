import { Button, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import page from './page.module.css'

export function KeyForm(props: {
  /** Why the last key did not do, or null when there was none. */
  readonly refusal: string | null
  readonly onSubmit: (apiKey: string) => void
}) {
  const [draft, setDraft] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (draft.trim()) props.onSubmit(draft.trim())
  }
  return (
    <Paper component="form" className={page.card} maw={520} mx="auto" mt={48} onSubmit={submit}>
      <Title order={2} size="h3">
        Which key?
      </Title>
      <Text size="sm" c="dimmed" mt={6}>
        The village printed a key that begins with <code className={page.hash}>vk-</code> when it
        was started for the first time. The link that it prints carries the key already. It is kept
        in this tab only.
      </Text>
      <Stack mt="md" gap="sm">
        <PasswordInput
          label="API key"
          placeholder="vk-…"
          autoComplete="off"
          autoFocus
          value={draft}
          error={props.refusal}
          onChange={(event) => setDraft(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!draft.trim()}>
          Open the village
        </Button>
      </Stack>
    </Paper>
  )
}
