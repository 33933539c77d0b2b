import { BudgetExceededError, ForbiddenError, RateLimitError } from '../kernel/access-errors.ts'
import { InvalidRequestError, ModelCallError, VillageError } from '../kernel/errors.ts'
import { UnknownModelError } from '../kernel/errors.ts'
import type { ApiError, ApiErrorType } from './api-error.ts'
import { invalidRequest } from './api-error.ts'
import { RequestProblem } from './request-problem.ts'

const retryWhenNotReadySeconds = '2'

/** Decides, for every failure there is, what the client is told. `bug` marks one that nobody expected. */
export function replyOfError(
  error: unknown,
  limits: { readonly bodyLimitBytes: number },
): { readonly reply: ApiError; readonly bug: boolean } {
  if (error instanceof RequestProblem) return { reply: error.reply, bug: false }
  if (error instanceof VillageError) return { reply: replyOfVillageError(error), bug: false }
  const refused = replyOfFastifyRefusal(error, limits.bodyLimitBytes)
  if (refused !== null) return { reply: refused, bug: false }
  return {
    reply: {
      status: 500,
      message: 'The village failed in a way it did not expect; its log has the details.',
      type: 'server_error',
      param: null,
      code: 'internal_error',
    },
    bug: true,
  }
}

function replyOfVillageError(error: VillageError): ApiError {
  if (error instanceof UnknownModelError) {
    return invalidRequest(error.message, { status: 404, param: 'model', code: 'model_not_found' })
  }
  if (error instanceof InvalidRequestError) {
    const status = /_not_found$|^unknown_/.test(error.code) ? 404 : 400
    return invalidRequest(error.message, { status, param: error.param ?? null, code: error.code })
  }
  if (error instanceof ModelCallError) return replyOfModelCallError(error)
  if (error instanceof ForbiddenError) {
    const { message, param, code } = error
    return { status: 403, message, type: 'permission_error', param, code }
  }
  if (error instanceof RateLimitError) return replyOfRateLimit(error)
  if (error instanceof BudgetExceededError) return replyOfBudget(error)
  switch (error.boundary) {
    case 'store':
      return serverError(
        error.retryable ? 503 : 500,
        'The village could not write its ledger, so it gives no answer; its log says why.',
        'store_failed',
      )
    case 'village':
      return {
        ...serverError(503, error.message, 'not_ready'),
        headers: { 'retry-after': retryWhenNotReadySeconds },
      }
    case 'request':
      return invalidRequest(error.message)
    case 'model':
    case 'trainer':
      return serverError(error.retryable ? 503 : 500, error.message, `${error.boundary}_failed`)
  }
}

/** OpenAI's clients try a 429 again by themselves unless they are told that it is of no use. */
function replyOfRateLimit({ message, retryAfterMs }: RateLimitError): ApiError {
  return {
    status: 429,
    message,
    type: 'rate_limit_error',
    param: null,
    code: 'rate_limit_exceeded',
    headers:
      retryAfterMs === null ? { 'x-should-retry': 'false' } : retryAfterHeaders(retryAfterMs),
  }
}

function replyOfBudget({ message, retryAfterMs }: BudgetExceededError): ApiError {
  return {
    status: 402,
    message,
    type: 'insufficient_quota',
    param: null,
    code: 'budget_exceeded',
    ...(retryAfterMs !== null && { headers: retryAfterHeaders(retryAfterMs) }),
  }
}

function retryAfterHeaders(retryAfterMs: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }
}

/** A refusal of the village's own key is no fault of the client's key: it must not arrive as 401. */
function replyOfModelCallError(error: ModelCallError): ApiError {
  const timedOut = isTimeout(error)
  const { status, type, code } = timedOut
    ? { status: 504, type: 'server_error' as const, code: 'upstream_timeout' }
    : outcomeOfUpstreamStatus(error.status)
  return {
    status,
    message: error.message,
    type,
    param: null,
    code,
    ...(error.retryAfterMs !== undefined && {
      headers: retryAfterHeaders(error.retryAfterMs),
    }),
  }
}

function outcomeOfUpstreamStatus(upstream: number | undefined): {
  readonly status: number
  readonly type: ApiErrorType
  readonly code: string
} {
  switch (upstream) {
    case 400:
    case 404:
    case 413:
    case 422:
      return { status: upstream, type: 'invalid_request_error', code: 'upstream_refused' }
    case 402:
      return { status: 402, type: 'insufficient_quota', code: 'insufficient_quota' }
    case 403:
      return { status: 403, type: 'permission_error', code: 'upstream_refused' }
    case 429:
      return { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' }
    case undefined:
      return { status: 502, type: 'server_error', code: 'upstream_unreachable' }
    default:
      return { status: 502, type: 'server_error', code: 'upstream_error' }
  }
}

/** Timeouts reach us as a status, or as a cause named after them (`AbortSignal.timeout`, undici). */
function isTimeout(error: ModelCallError): boolean {
  if (error.status === 408 || error.status === 504 || error.status === 524) return true
  let cause: unknown = error.status === undefined ? error.cause : undefined
  while (cause instanceof Error) {
    if (/timeout/i.test(cause.name)) return true
    cause = cause.cause
  }
  return false
}

function serverError(status: number, message: string, code: string): ApiError {
  return { status, message, type: 'server_error', param: null, code }
}

/** What Fastify and its static files refuse before a handler of ours runs. */
function replyOfFastifyRefusal(error: unknown, bodyLimitBytes: number): ApiError | null {
  if (!(error instanceof Error)) return null
  const { code, statusCode } = error as Error & { code?: unknown; statusCode?: unknown }
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return invalidRequest(
        `The body is larger than the ${bodyLimitBytes} bytes that this village takes.`,
        { status: 413, code: 'body_too_large' },
      )
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return invalidRequest(
        'Send the body as JSON, with the header content-type: application/json.',
        {
          status: 415,
          code: 'unsupported_media_type',
        },
      )
    default:
      return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
        ? invalidRequest(error.message, { status: statusCode })
        : null
  }
}
