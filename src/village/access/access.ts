import type { KeyLimiter, LimitState } from '../../serving/key-limiter.ts'
import { RateLimitsOfKeys } from '../../serving/rate-limits.ts'
import type { KeyRing } from './key-ring.ts'
import type { Spending } from './spending.ts'

export type { KeyLimiter, LimitState }

export { RateLimitsOfKeys }

/** Who may do what, how fast, and for how much: what the routes need to know of keys. */
export type Access = {
  readonly keys: KeyRing
  readonly limits: RateLimitsOfKeys
  readonly spending: Spending
}
