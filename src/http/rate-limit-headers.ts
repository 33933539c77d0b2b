import type { ServerResponse } from 'node:http'
import type { KeyLimiter, LimitState } from '../village/access/access.ts'

/** A request of a key with rate limits, and what it has taken of them. */
export type LimitedRequest = {
  readonly limiter: KeyLimiter
  readonly taken: { tokens: number; atMs: number }
}

/** Set on the raw response, which also streams send. The names are OpenAI's. */
export function setRateLimitHeaders(
  response: ServerResponse,
  limiter: KeyLimiter,
  nowMs: number,
): void {
  setState(response, 'requests', limiter.requestState(nowMs))
  setState(response, 'tokens', limiter.tokenState(nowMs))
}

function setState(
  response: ServerResponse,
  what: 'requests' | 'tokens',
  state: LimitState | null,
): void {
  if (state === null || response.headersSent) return
  response.setHeader(`x-ratelimit-limit-${what}`, state.limit)
  response.setHeader(`x-ratelimit-remaining-${what}`, state.remaining)
  response.setHeader(`x-ratelimit-reset-${what}`, durationText(state.resetMs))
}

/** As Go writes durations, such as `120ms`, `12s` and `6m0s`. */
function durationText(durationMs: number): string {
  if (durationMs < 1000) return `${Math.ceil(durationMs)}ms`
  const seconds = Math.ceil(durationMs / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
