import type { Clock } from '../../kernel/clock.ts'
import { ModelCallError } from '../../kernel/errors.ts'

export type RateLimiter = {
  /**
   * Resolves when a request may be sent, first come first served; undefined when it may be at once.
   * Throws `ModelCallError` (429) when too many wait already; rejects with the signal's reason.
   */
  acquire(model: string, signal: AbortSignal): Promise<void> | undefined
  waiting(): number
  close(): void
}

export type RateLimiterOptions = {
  readonly clock: Clock
  /** Requests per sliding window; `Infinity` turns the limiter off. */
  readonly limit: number
  readonly windowMs?: number
  /**
   * Added to the window: requests take different times to reach the provider, so two that
   * leave a window apart may arrive closer together than that.
   */
  readonly marginMs?: number
  readonly maxWaiting?: number
}

type Waiter = { readonly grant: () => void; readonly refuse: (reason: Error) => void }

/** Never lets more than `limit` requests go within any `windowMs`. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { clock, limit } = options
  const spacingMs = (options.windowMs ?? 60_000) + (options.marginMs ?? 1000)
  const maxWaiting = options.maxWaiting ?? Math.max(100, limit)
  /** Times of the last `limit` grants: a ring whose `next` place holds the oldest. */
  const grantedAtMs: number[] = []
  let next = 0
  const waiters = new Set<Waiter>()
  let pause: AbortController | undefined

  const untilFreeMs = (): number => {
    if (grantedAtMs.length < limit) return 0
    return (grantedAtMs[next] ?? 0) + spacingMs - clock.now() + 1
  }
  const takePlace = (): void => {
    if (grantedAtMs.length < limit) grantedAtMs.push(clock.now())
    else {
      grantedAtMs[next] = clock.now()
      next = (next + 1) % limit
    }
  }
  const grantWaiters = async (): Promise<void> => {
    const controller = new AbortController()
    pause = controller
    try {
      while (waiters.size > 0) {
        const waitMs = untilFreeMs()
        if (waitMs > 0) {
          await clock.sleep(waitMs, controller.signal)
          continue
        }
        const [waiter] = waiters
        if (waiter === undefined) break
        waiters.delete(waiter)
        takePlace()
        waiter.grant()
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error
    } finally {
      if (pause === controller) pause = undefined
    }
  }
  const leave = (waiter: Waiter, reason: Error): void => {
    waiters.delete(waiter)
    waiter.refuse(reason)
    if (waiters.size > 0) return
    pause?.abort()
    pause = undefined
  }

  return {
    acquire: (model, signal) => {
      if (signal.aborted) return Promise.reject(signal.reason as Error)
      if (limit === Infinity) return undefined
      if (waiters.size === 0 && untilFreeMs() <= 0) {
        takePlace()
        return undefined
      }
      if (waiters.size >= maxWaiting) {
        return Promise.reject(
          new ModelCallError(
            `The limit of ${limit} requests a minute is used up and ${waiters.size} requests wait already; try again later or raise the limit.`,
            { model, status: 429, retryAfterMs: Math.max(0, untilFreeMs()) },
          ),
        )
      }
      return new Promise<void>((resolve, reject) => {
        const onAbort = (): void => leave(waiter, signal.reason as Error)
        const waiter: Waiter = {
          grant: () => {
            signal.removeEventListener('abort', onAbort)
            resolve()
          },
          refuse: reject,
        }
        signal.addEventListener('abort', onAbort, { once: true })
        waiters.add(waiter)
        if (pause === undefined) void grantWaiters()
      })
    },
    waiting: () => waiters.size,
    close: () => {
      const reason = new ModelCallError('The connection to the provider is closed.', {
        model: '',
        retryable: false,
      })
      for (const waiter of waiters) leave(waiter, reason)
    },
  }
}
