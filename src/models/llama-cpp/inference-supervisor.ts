import type { Clock } from '../../kernel/clock.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import { ProcessEnded, startInferenceChild, type InferenceChild } from './inference-child.ts'

export type InferenceSupervisor = {
  /** Runs work on the living process; once more on the next one when the process ends under it. */
  run<T>(work: (child: InferenceChild) => Promise<T>, options: RunOptions): Promise<T>
  pid(): number | undefined
  close(): Promise<void>
}

type RunOptions = {
  /** For messages: what was asked of the process. */
  readonly model: string
  readonly signal?: AbortSignal
  /** Runs in all; 2 repeats once. */
  readonly attempts: number
}

export type SupervisorOptions = {
  readonly clock: Clock
  readonly niceness: number
  /** Brings a new process into the state that the last one had. */
  readonly prepare: (child: InferenceChild) => Promise<void>
  readonly onRestart: ((reason: string) => void) | undefined
}

const firstPauseMs = 100
const longestPauseMs = 10_000
/** Starts that may fail one after another before calls are refused instead of waiting. */
const patientStarts = 3

/** Keeps one inference process alive: starts it again, with growing pauses, when it ends. */
export async function startInferenceSupervisor(
  options: SupervisorOptions,
): Promise<InferenceSupervisor> {
  const closing = new AbortController()
  let failedStarts = 0
  let lastReason = ''
  let child: InferenceChild | undefined

  const start = async (): Promise<InferenceChild> => {
    const started = startInferenceChild(options.niceness)
    child = started
    try {
      await options.prepare(started)
    } catch (error) {
      await started.kill()
      throw error
    }
    void started.ended.then(onEnd)
    return started
  }
  const onEnd = (reason: string): void => {
    if (closing.signal.aborted) return
    lastReason = reason
    options.onRestart?.(reason)
    current = restart()
    current.catch(() => undefined)
  }
  const restart = async (): Promise<InferenceChild> => {
    for (;;) {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failedStarts)
      await options.clock.sleep(pauseMs, closing.signal)
      try {
        const started = await start()
        failedStarts = 0
        return started
      } catch (error) {
        if (closing.signal.aborted) throw error
        failedStarts += 1
        lastReason = error instanceof Error ? error.message : String(error)
      }
    }
  }
  let current = start()
  await current

  const living = (runOptions: RunOptions): Promise<InferenceChild> => {
    if (closing.signal.aborted) return Promise.reject(unavailable('is stopped', runOptions, false))
    if (failedStarts >= patientStarts) {
      return Promise.reject(unavailable(`does not start: ${lastReason}`, runOptions, true))
    }
    return runOptions.signal === undefined ? current : orAborted(current, runOptions.signal)
  }

  return {
    run: async (work, runOptions) => {
      for (let attempt = 1; ; attempt += 1) {
        const runner = await living(runOptions)
        try {
          return await work(runner)
        } catch (error) {
          if (!(error instanceof ProcessEnded)) throw error
          if (attempt >= runOptions.attempts) throw unavailable(error.message, runOptions, true)
          // The end of the process is noticed once more by `onEnd`, which begins the next start.
          await runner.ended
        }
      }
    },
    pid: () => child?.pid,
    close: async () => {
      closing.abort(new Error('The local models are closed'))
      await child?.kill()
    },
  }
}

function unavailable(what: string, options: RunOptions, retryable: boolean): ModelCallError {
  return new ModelCallError(`The process of the local models ${what}`, {
    model: options.model,
    retryable,
  })
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) {
      onAbort()
      return
    }
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
