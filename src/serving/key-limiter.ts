import { RateLimitError } from '../kernel/access-errors.ts'
import type { RateLimits } from '../kernel/api-key.ts'
import { SlidingWindow } from './sliding-window.ts'

/** How soon a place among the concurrent requests may be free is not known: look again after this. */
const concurrencyRetryMs = 1000

export type LimitState = {
  readonly limit: number
  readonly remaining: number
  /** Time until the whole limit is free again. */
  readonly resetMs: number
}

/** The rate limits of one key; `begin` and `end` belong to one request each. */
export class KeyLimiter {
  readonly limits: RateLimits
  readonly #requests = new SlidingWindow()
  readonly #tokens = new SlidingWindow()
  #running = 0

  constructor(limits: RateLimits) {
    this.limits = limits
  }

  /** Counts a request and takes a place for it. Throws `RateLimitError`, and then nothing is taken. */
  begin(nowMs: number): void {
    const { concurrentRequests, requestsPerMinute } = this.limits
    if (concurrentRequests !== null && this.#running >= concurrentRequests) {
      throw new RateLimitError(
        `This key may have ${plural(concurrentRequests, 'request')} under way at a time, and has ` +
          'as many now. Send this one again when another has ended.',
        concurrencyRetryMs,
      )
    }
    if (requestsPerMinute !== null) {
      const waitMs = this.#requests.untilUsedAtMostMs(nowMs, requestsPerMinute - 1)
      if (waitMs > 0) {
        throw new RateLimitError(
          `This key may send ${plural(requestsPerMinute, 'request')} a minute, and has sent them. ` +
            `Send this one again in ${seconds(waitMs)} s.`,
          waitMs,
        )
      }
      this.#requests.add(nowMs, 1)
    }
    this.#running += 1
  }

  /** Takes what the request may use. Throws `RateLimitError`, and then no tokens are taken. */
  takeTokens(nowMs: number, tokens: number): void {
    const { tokensPerMinute } = this.limits
    if (tokensPerMinute === null) return
    if (tokens > tokensPerMinute) {
      throw new RateLimitError(
        `This request may use ${tokens} tokens, prompt and max_tokens together, and this key may ` +
          `use ${tokensPerMinute} a minute. Shorten the prompt or lower max_tokens.`,
        null,
      )
    }
    const waitMs = this.#tokens.untilUsedAtMostMs(nowMs, tokensPerMinute - tokens)
    if (waitMs > 0) {
      throw new RateLimitError(
        `This key may use ${tokensPerMinute} tokens a minute and has used ` +
          `${this.#tokens.used(nowMs)}; this request may use ${tokens} more. Send it again in ` +
          `${seconds(waitMs)} s.`,
        waitMs,
      )
    }
    this.#tokens.add(nowMs, tokens)
  }

  /** The tokens that a model call really used, which replace those taken when the request ends. */
  useTokens(nowMs: number, tokens: number): void {
    if (this.limits.tokensPerMinute !== null) this.#tokens.add(nowMs, tokens)
  }

  end(nowMs: number, taken: { readonly tokens: number; readonly atMs: number }): void {
    this.#running -= 1
    if (taken.tokens > 0) this.#tokens.giveBack(nowMs, taken.atMs, taken.tokens)
  }

  requestState(nowMs: number): LimitState | null {
    return stateOf(this.#requests, this.limits.requestsPerMinute, nowMs)
  }

  tokenState(nowMs: number): LimitState | null {
    return stateOf(this.#tokens, this.limits.tokensPerMinute, nowMs)
  }
}

function stateOf(window: SlidingWindow, limit: number | null, nowMs: number): LimitState | null {
  if (limit === null) return null
  return {
    limit,
    remaining: Math.max(0, Math.floor(limit - window.used(nowMs))),
    resetMs: window.untilUsedAtMostMs(nowMs, 0),
  }
}

function seconds(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1000))
}

function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
