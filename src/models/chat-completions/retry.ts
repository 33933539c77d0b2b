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

/** Repeats the attempt as the policy allows; rejects with the signal's reason once it aborts. */
export async function withRetries<Result>(
  policy: RetryPolicy,
  signal: AbortSignal,
  attempt: (retries: number) => Promise<Result>,
): Promise<Result> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt(retries)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      await pauseAfter(error, retries, policy, signal)
    }
  }
}

/** Rejects with the error itself where there is to be no further attempt. */
export async function pauseAfter(
  error: unknown,
  retries: number,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  const pauseMs = pauseBeforeRetry(error, retries, policy)
  if (pauseMs === undefined) throw error
  await policy.clock.sleep(pauseMs, signal)
}

/**
 * The pause before attempt `retries + 1`, or undefined when the error has to go to the caller.
 * Doubles each time, with the upper half drawn by chance so that clients do not return together.
 */
function pauseBeforeRetry(
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
