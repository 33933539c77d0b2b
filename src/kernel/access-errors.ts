import { VillageError } from './errors.ts'

/** The key may not do this, whoever holds it. */
export class ForbiddenError extends VillageError {
  override readonly name = 'ForbiddenError'
  readonly boundary = 'request'
  readonly retryable = false
  readonly code: string
  readonly param: string | null

  constructor(message: string, details: { readonly code: string; readonly param?: string }) {
    super(message)
    this.code = details.code
    this.param = details.param ?? null
  }
}

/** `retryAfterMs` is null when the same request would never pass. */
export class RateLimitError extends VillageError {
  override readonly name = 'RateLimitError'
  readonly boundary = 'request'
  readonly retryable: boolean
  readonly retryAfterMs: number | null

  constructor(message: string, retryAfterMs: number | null) {
    super(message)
    this.retryable = retryAfterMs !== null
    this.retryAfterMs = retryAfterMs
  }
}

/** Too little money is left for what the request may cost; `retryAfterMs` is null without a renewal. */
export class BudgetExceededError extends VillageError {
  override readonly name = 'BudgetExceededError'
  readonly boundary = 'request'
  readonly retryable = false
  readonly retryAfterMs: number | null

  constructor(message: string, retryAfterMs: number | null) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}
