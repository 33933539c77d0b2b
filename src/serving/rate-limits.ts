import type { ApiKey } from '../kernel/api-key.ts'
import { KeyLimiter } from './key-limiter.ts'

/** The limiters of the keys that have limits; a key without any costs one comparison. */
export class RateLimitsOfKeys {
  readonly #limiters = new Map<string, KeyLimiter>()

  of(key: ApiKey): KeyLimiter | null {
    const { requestsPerMinute, tokensPerMinute, concurrentRequests } = key.limits
    if (requestsPerMinute === null && tokensPerMinute === null && concurrentRequests === null) {
      return null
    }
    const known = this.#limiters.get(key.id)
    if (known !== undefined) return known
    const limiter = new KeyLimiter(key.limits)
    this.#limiters.set(key.id, limiter)
    return limiter
  }

  useTokens(keyId: string, nowMs: number, tokens: number): void {
    this.#limiters.get(keyId)?.useTokens(nowMs, tokens)
  }
}
