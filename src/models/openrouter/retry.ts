import type { Clock } from '../../kernel/clock.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import type { Random } from '../../kernel/random.ts'

export type RetryPolicy = {
  readonly clock: Clock
  readonly random: Random
  /** Calls in all, the first one included. */
  readonly attempts: number
  readonly firstBackOffMs: number
  readonly longestBackOffMs: number
  /** A provider that asks for a longer pause than this gets no further attempt. */
  readonly longestRetryAfterMs: number
}

/**
 * The pause before attempt `retries + 1`, or undefined when the error has to go to the caller.
 * Doubles each time, with the upper half drawn by chance so that clients do not return together.
 */
export function pauseBeforeRetry(
  error: unknown,
  retries: number,
  policy: RetryPolicy,
): number | undefined {
  if (!(error instanceof ModelCallError) || !error.retryable || error.midStream) return undefined
  if (retries + 1 >= policy.attempts) return undefined
  const retryAfterMs = error.retryAfterMs ?? 0
  if (retryAfterMs > policy.longestRetryAfterMs) return undefined
  const ceilingMs = Math.min(policy.longestBackOffMs, policy.firstBackOffMs * 2 ** retries)
  const backOffMs = ceilingMs * (0.5 + policy.random() / 2)
  return Math.max(backOffMs, retryAfterMs)
}
