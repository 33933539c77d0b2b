import type { Clock } from '../kernel/clock.ts'

/** A silence lasts between one and two of these before something is sent. */
const keepAliveMs = 10_000

type IdleWatch = {
  /** Something was sent: the silence begins anew. */
  active(): void
  stop(): void
}

export type IdleStreams = {
  /** Calls `onIdle` for as long as the stream is silent, until it is stopped. */
  watch(onIdle: () => void): IdleWatch
  close(): void
}

type Watched = { wasActive: boolean; readonly onIdle: () => void }

/** One timer for all streams: it runs while there are any, and costs a stream nothing per chunk. */
export function createIdleStreams(clock: Clock): IdleStreams {
  const watched = new Set<Watched>()
  const closing = new AbortController()
  let runs = false

  const run = async (): Promise<void> => {
    runs = true
    try {
      while (watched.size > 0) {
        await clock.sleep(keepAliveMs, closing.signal)
        for (const stream of watched) {
          if (!stream.wasActive) stream.onIdle()
          stream.wasActive = false
        }
      }
    } catch (error) {
      if (!closing.signal.aborted) throw error
    } finally {
      runs = false
    }
  }

  return {
    watch: (onIdle) => {
      const stream: Watched = { wasActive: true, onIdle }
      watched.add(stream)
      if (!runs && !closing.signal.aborted) void run()
      return {
        active: () => {
          stream.wasActive = true
        },
        stop: () => {
          watched.delete(stream)
        },
      }
    },
    close: () => closing.abort(),
  }
}
