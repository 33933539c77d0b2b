import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../kernel/clock.ts'

/** The time as one task, and everything that it awaits, sees it. Never goes back. */
type Timeline = {
  now(): number
  advanceTo(timeMs: number): void
}

/**
 * A clock whose waiting is counted, not waited for. Inside `run` a sleep only moves the task's own
 * time. Outside, time is that of the latest task begun or of `advance`, and sleepers wait for it.
 */
export type VirtualClock = Clock & {
  run<Result>(startMs: number, work: () => Result): Result
  /** Moves the present timeline on, or the shared time when called outside `run`. */
  advance(durationMs: number): void
  /** To keep for callbacks that run in another asynchronous context. */
  timeline(): Timeline
}

export function createVirtualClock({ startMs }: { readonly startMs: number }): VirtualClock {
  const storage = new AsyncLocalStorage<Timeline>()
  const shared = createSharedTime(startMs)
  const timeline = (): Timeline => storage.getStore() ?? shared
  return {
    now: () => timeline().now(),
    timeline,
    run: (taskStartMs, work) => {
      shared.advanceTo(taskStartMs)
      return storage.run(createTimeline(taskStartMs), work)
    },
    advance: (durationMs) => {
      const present = timeline()
      present.advanceTo(present.now() + durationMs)
    },
    sleep: async (durationMs, signal) => {
      signal?.throwIfAborted()
      const own = storage.getStore()
      if (own === undefined) return shared.waitUntil(shared.now() + durationMs, signal)
      const wakeMs = own.now() + durationMs
      // Gives way to input and output, so that a loop of sleeps cannot starve the process, and
      // so that sleeps begun together overlap.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      own.advanceTo(wakeMs)
    },
  }
}

function createTimeline(startMs: number): Timeline {
  let nowMs = startMs
  return {
    now: () => nowMs,
    advanceTo: (timeMs) => {
      nowMs = Math.max(nowMs, timeMs)
    },
  }
}

type SharedTime = Timeline & {
  waitUntil(timeMs: number, signal: AbortSignal | undefined): Promise<void>
}

function createSharedTime(startMs: number): SharedTime {
  const time = createTimeline(startMs)
  const sleepers = new Map<() => void, number>()
  return {
    now: () => time.now(),
    advanceTo: (timeMs) => {
      time.advanceTo(timeMs)
      for (const [wake, wakeMs] of sleepers) if (wakeMs <= time.now()) wake()
    },
    waitUntil: (timeMs, signal) =>
      new Promise((resolve, reject) => {
        const onAbort = (): void => {
          sleepers.delete(wake)
          reject(signal?.reason as Error)
        }
        const wake = (): void => {
          sleepers.delete(wake)
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        if (timeMs <= time.now()) {
          resolve()
          return
        }
        sleepers.set(wake, timeMs)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
  }
}
