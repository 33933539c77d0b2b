import type { Clock } from './clock.ts'

type Sleeper = { readonly untilMs: number; readonly wake: () => void }

/** A clock for tests: time stands still until it is moved, or runs to the next sleeper by itself. */
export type ManualClock = Clock & {
  /** Moves the time and wakes, in order, everyone whose time has come. */
  advance(durationMs: number): Promise<void>
  readonly sleptMs: readonly number[]
}

export function createManualClock(options: { readonly runs?: boolean } = {}): ManualClock {
  let nowMs = 1_700_000_000_000
  const sleepers = new Set<Sleeper>()
  const sleptMs: number[] = []

  const wakeNext = (limitMs: number): boolean => {
    const [next] = [...sleepers].toSorted((left, right) => left.untilMs - right.untilMs)
    if (next === undefined || next.untilMs > limitMs) return false
    sleepers.delete(next)
    nowMs = Math.max(nowMs, next.untilMs)
    next.wake()
    return true
  }

  return {
    sleptMs,
    now: () => nowMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error)
          return
        }
        sleptMs.push(durationMs)
        const sleeper = { untilMs: nowMs + durationMs, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener(
          'abort',
          () => {
            sleepers.delete(sleeper)
            reject(signal.reason as Error)
          },
          { once: true },
        )
        if (options.runs === true) setImmediate(() => wakeNext(Infinity))
      }),
    advance: async (durationMs) => {
      const limitMs = nowMs + durationMs
      await settle()
      while (wakeNext(limitMs)) await settle()
      nowMs = limitMs
    },
  }
}

/** Lets everything run that waits for nothing but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
