import { ModelCallError } from '../../kernel/errors.ts'

export type Lane = {
  /**
   * Runs work when one of the places is free, first come first served. Throws `ModelCallError`
   * when too many wait already; rejects with the signal's reason.
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  running(): number
  waiting(): number
}

/** As many calls at once as a model has sequences; the others wait in a bounded line. */
export function createLane(options: {
  readonly model: string
  readonly places: number
  readonly maxWaiting: number
}): Lane {
  let running = 0
  const line = new Set<() => void>()

  const enter = (signal: AbortSignal): Promise<void> => {
    if (running < options.places) {
      running += 1
      return Promise.resolve()
    }
    if (line.size >= options.maxWaiting) {
      return Promise.reject(
        new ModelCallError(
          `${options.model} is busy: ${line.size} requests wait already; try again later.`,
          { model: options.model, status: 503, retryable: true },
        ),
      )
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        line.delete(step)
        reject(signal.reason as Error)
      }
      const step = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      line.add(step)
    })
  }
  const leave = (): void => {
    const [next] = line
    if (next === undefined) {
      running -= 1
      return
    }
    // The place goes straight to the next in line.
    line.delete(next)
    next()
  }

  return {
    run: async (work, signal) => {
      signal.throwIfAborted()
      await enter(signal)
      try {
        return await work()
      } finally {
        leave()
      }
    },
    running: () => running,
    waiting: () => line.size,
  }
}
