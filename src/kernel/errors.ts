export type ErrorBoundary = 'request' | 'model' | 'store' | 'trainer' | 'village'

/** An expected failure: where it arose, and whether trying again can help. Bugs stay ordinary errors. */
export abstract class VillageError extends Error {
  abstract override readonly name: string
  abstract readonly boundary: ErrorBoundary
  abstract readonly retryable: boolean
}

/** The caller asked for something that cannot be done as asked; `param` names the field. */
export class InvalidRequestError extends VillageError {
  override readonly name = 'InvalidRequestError'
  readonly boundary = 'request'
  readonly retryable = false
  readonly code: string
  readonly param: string | undefined

  constructor(message: string, details: { code?: string; param?: string } = {}) {
    super(message)
    this.code = details.code ?? 'invalid_request'
    this.param = details.param
  }
}

/** No model of that name. `closeModels` are names that the caller may have meant. */
export class UnknownModelError extends VillageError {
  override readonly name = 'UnknownModelError'
  readonly boundary = 'request'
  readonly retryable = false
  readonly model: string
  readonly closeModels: readonly string[]

  constructor(model: string, closeModels: readonly string[]) {
    const hint =
      closeModels.length > 0
        ? ` Close names: ${closeModels.join(', ')}.`
        : ' See GET /v1/models for the names that exist.'
    super(`There is no model named "${model}".${hint}`)
    this.model = model
    this.closeModels = closeModels
  }
}

/** `status` is the provider's HTTP status, or undefined when no reply arrived. */
export class ModelCallError extends VillageError {
  override readonly name = 'ModelCallError'
  readonly boundary = 'model'
  readonly model: string
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  /** True when part of the answer was already out: such a call is never repeated. */
  readonly midStream: boolean
  readonly retryable: boolean

  constructor(
    message: string,
    details: {
      model: string
      status?: number | undefined
      retryAfterMs?: number | undefined
      midStream?: boolean
      retryable?: boolean
      cause?: unknown
    },
  ) {
    super(message, { cause: details.cause })
    this.model = details.model
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
    this.midStream = details.midStream ?? false
    this.retryable = details.retryable ?? (!this.midStream && isRetryableStatus(details.status))
  }
}

/** The database refused or failed; nothing of the failed group was written. */
export class StoreError extends VillageError {
  override readonly name = 'StoreError'
  readonly boundary = 'store'
  readonly retryable: boolean

  constructor(message: string, details: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause: details.cause })
    this.retryable = details.retryable ?? false
  }
}

/** A training run that did not finish; the village goes on serving what it served. */
export class TrainingFailedError extends VillageError {
  override readonly name = 'TrainingFailedError'
  readonly boundary = 'trainer'
  readonly retryable: boolean

  constructor(message: string, details: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause: details.cause })
    this.retryable = details.retryable ?? false
  }
}

/** The village cannot do this now: it is starting, stopping, or a part is missing. */
export class NotReadyError extends VillageError {
  override readonly name = 'NotReadyError'
  readonly boundary = 'village'
  readonly retryable = true
}

function isRetryableStatus(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500
}
