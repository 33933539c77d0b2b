import { Alert, Button, Group, Loader, Paper, Skeleton, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { VillageStatus } from '../../../src/http/contract.ts'
import type { ConnectionState } from '../api/follow-status.ts'
import page from './page.module.css'

export function LoadingNotice() {
  return (
    <Stack gap="lg" aria-busy="true">
      <Group gap="sm">
        <Loader size="sm" />
        <Text size="sm">Asking the village how it is …</Text>
      </Group>
      {[120, 220, 300].map((height) => (
        <Paper key={height} className={page.card}>
          <Skeleton height={height} />
        </Paper>
      ))}
    </Stack>
  )
}

export function FailureNotice(props: { readonly message: string; readonly onRetry: () => void }) {
  return (
    <Alert color="red" title="The village could not be read" maw={640} mx="auto" mt={48}>
      <Text size="sm" mb="sm">
        {props.message} Check that <code>npm start</code> is still running; the page connects by
        itself as soon as it answers.
      </Text>
      <Button size="xs" variant="light" color="red" onClick={props.onRetry}>
        Try now
      </Button>
    </Alert>
  )
}

/** Says that the figures are old and when the next attempt comes. */
export function ReconnectingNotice({ connection }: { readonly connection: ConnectionState }) {
  const nowMs = useClock(connection.kind === 'reconnecting')
  if (connection.kind !== 'reconnecting') return null
  const seconds = Math.max(0, Math.ceil((connection.retryAtMs - nowMs) / 1_000))
  return (
    <Alert color="orange" title="The connection to the village is lost" mb="lg" role="alert">
      {connection.why} The figures below are the last that came. Attempt {connection.attempt}{' '}
      {seconds > 0 ? `in ${seconds} s` : 'now'}. If the village was stopped, start it with{' '}
      <code>npm start</code>.
    </Alert>
  )
}

/** What a user should know before the figures: an upstream in trouble, a trainer that failed. */
export function TroubleNotices({ status }: { readonly status: VillageStatus }) {
  const { frontier, trainer } = status
  return (
    <>
      {frontier.lastError && (
        <Alert color="red" title="The frontier’s last call failed" mb="lg">
          {frontier.lastError} ({frontier.baseUrl}). Local models answer where their quality allows.
        </Alert>
      )}
      {trainer.state === 'failed' && (
        <Alert color="red" title="The trainer could not be set up" mb="lg">
          {trainer.detail} Serving goes on; nothing is trained until this is mended.
        </Alert>
      )}
    </>
  )
}

function useClock(running: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setNowMs(Date.now()), 500)
    return () => clearInterval(timer)
  }, [running])
  return nowMs
}
