import type { NanoUsd } from './money.ts'

/** From the most to the least that a key may do; what each may is said by the routes. */
export const keyRoles = ['owner', 'operator', 'member', 'viewer'] as const

export type KeyRole = (typeof keyRoles)[number]

/** Null means without limit. */
export type RateLimits = {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly concurrentRequests: number | null
}

/** What may be spent in a UTC day, in a UTC month and in all; null means without limit. */
export type Budgets = {
  readonly day: NanoUsd | null
  readonly month: NanoUsd | null
  readonly total: NanoUsd | null
}

export const noRateLimits: RateLimits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrentRequests: null,
}

export const noBudgets: Budgets = { day: null, month: null, total: null }

export type ApiKey = {
  readonly id: string
  readonly name: string
  /** sha256 of the key, hex; the key itself is shown once and never stored. */
  readonly hash: string
  readonly role: KeyRole
  readonly createdAtMs: number
  /** Null when the key does not expire. */
  readonly expiresAtMs: number | null
  readonly revokedAtMs: number | null
  /** Names that may stand as `model`; `vendor/*` allows all that begin so. Null allows every model. */
  readonly allowedModels: readonly string[] | null
  readonly limits: RateLimits
  readonly budgets: Budgets
}

export function mayUseModel(key: ApiKey, model: string): boolean {
  if (key.allowedModels === null) return true
  return key.allowedModels.some((allowed) =>
    allowed.endsWith('*') ? model.startsWith(allowed.slice(0, -1)) : allowed === model,
  )
}
