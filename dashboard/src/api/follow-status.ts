import { createParser } from 'eventsource-parser'
import { VillageStatus, statusEventName } from '../../../src/http/contract.ts'
import { reconnectDelayMs } from './reconnect-delay.ts'
import { VillageRequestError, fetchVillage, parseReply } from './village-client.ts'

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | {
      readonly kind: 'reconnecting'
      readonly attempt: number
      readonly retryAtMs: number
      readonly why: string
    }
  | { readonly kind: 'refused'; readonly why: string }

/** A connection silent for longer is taken for dead (a laptop that slept, a proxy that gave up). */
const longestSilenceMs = 60_000

/** Follows the event stream until `signal` aborts or the key is refused. EventSource cannot send a key. */
export async function followStatus(options: {
  readonly apiKey: string
  readonly signal: AbortSignal
  readonly onStatus: (status: VillageStatus) => void
  readonly onState: (state: ConnectionState) => void
}): Promise<void> {
  const { apiKey, signal, onStatus, onState } = options
  onState({ kind: 'connecting' })
  let failures = 0
  while (!signal.aborted) {
    let why = 'The stream ended.'
    try {
      await readStream(apiKey, signal, (status) => {
        failures = 0
        onState({ kind: 'live' })
        onStatus(status)
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof VillageRequestError && error.keyRefused) {
        onState({ kind: 'refused', why: error.message })
        return
      }
      why = error instanceof VillageRequestError ? error.message : why
    }
    failures += 1
    const delayMs = reconnectDelayMs(failures, Math.random())
    onState({ kind: 'reconnecting', attempt: failures, retryAtMs: Date.now() + delayMs, why })
    await waitFor(delayMs, signal)
  }
}

async function readStream(
  apiKey: string,
  signal: AbortSignal,
  onStatus: (status: VillageStatus) => void,
): Promise<void> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), longestSilenceMs)
  const parser = createParser({
    onEvent: (event) => {
      if (event.event !== statusEventName) return
      onStatus(parseReply(JSON.parse(event.data), VillageStatus))
    },
  })
  try {
    const response = await fetchVillage('village/events', apiKey, {
      headers: { accept: 'text/event-stream' },
      signal: AbortSignal.any([signal, silence.signal]),
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), longestSilenceMs)
      parser.feed(chunk.value)
    }
  } finally {
    clearTimeout(timer)
  }
}

function waitFor(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
