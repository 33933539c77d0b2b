import type { ServerResponse } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import { statusEventName, type VillageStatus } from './contract.ts'
import { openEventStream } from './event-stream.ts'

const shortestGapMs = 1000
const keepAliveMs = 15_000

export type StatusEvents = {
  /** Sends the status now and after changes, until the client goes or the server closes. */
  join(response: ServerResponse): void
  /** Ends every stream. */
  close(): void
}

/**
 * One subscription and one serialisation for all readers. A reader that has not taken the last status
 * yet misses the next one: only the newest matters.
 */
export function createStatusEvents(options: {
  readonly current: () => VillageStatus
  readonly subscribe: (listener: () => void) => () => void
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}): StatusEvents {
  const { clock } = options
  const readers = new Set<ServerResponse>()
  let stop: (() => void) | null = null
  let sentAtMs = Number.NEGATIVE_INFINITY
  let sendWaits = false

  const broadcast = (text: string): void => {
    for (const reader of readers) if (!reader.writableNeedDrain) reader.write(text)
  }
  const statusText = (): string => {
    sentAtMs = clock.now()
    return `event: ${statusEventName}\ndata: ${JSON.stringify(options.current())}\n\n`
  }

  const start = (): void => {
    const controller = new AbortController()
    const onChange = (): void => {
      if (sendWaits) return
      sendWaits = true
      const waitMs = Math.max(0, sentAtMs + shortestGapMs - clock.now())
      void sendAfter(waitMs, controller.signal)
    }
    const unsubscribe = options.subscribe(onChange)
    void keepAlive(controller.signal)
    stop = () => {
      controller.abort()
      unsubscribe()
      sendWaits = false
      stop = null
    }
  }

  const sendAfter = async (waitMs: number, signal: AbortSignal): Promise<void> => {
    try {
      await clock.sleep(waitMs, signal)
      sendWaits = false
      broadcast(statusText())
    } catch (error) {
      if (!signal.aborted) options.onError(error)
    }
  }

  const keepAlive = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await clock.sleep(keepAliveMs, signal)
      } catch {
        return
      }
      broadcast(': keep-alive\n\n')
    }
  }

  return {
    join: (response) => {
      openEventStream(response)
      response.write(statusText())
      readers.add(response)
      if (stop === null) start()
      response.once('close', () => {
        readers.delete(response)
        if (readers.size === 0) stop?.()
      })
    },
    close: () => {
      stop?.()
      for (const reader of readers) reader.end()
    },
  }
}
