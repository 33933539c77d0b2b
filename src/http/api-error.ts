/** One failure as the client sees it: an HTTP status and OpenAI's error object. */
export type ApiError = {
  readonly status: number
  readonly message: string
  readonly type: ApiErrorType
  readonly param: string | null
  readonly code: string
  readonly headers?: Readonly<Record<string, string>>
}

export type ApiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'insufficient_quota'
  | 'rate_limit_error'
  | 'server_error'

export type ApiErrorBody = {
  readonly error: {
    readonly message: string
    readonly type: ApiErrorType
    readonly param: string | null
    readonly code: string
  }
}

/** The body of a failed reply, whatever its wire. */
export type ErrorBodyObject = { readonly error: object; readonly [field: string]: unknown }

/** How one wire tells failures. */
export type ErrorBody = (error: ApiError) => ErrorBodyObject

export function bodyOfApiError(error: ApiError): ApiErrorBody {
  return {
    error: { message: error.message, type: error.type, param: error.param, code: error.code },
  }
}

export function invalidRequest(
  message: string,
  details: { status?: number; param?: string | null; code?: string } = {},
): ApiError {
  return {
    status: details.status ?? 400,
    message,
    type: 'invalid_request_error',
    param: details.param ?? null,
    code: details.code ?? 'invalid_request',
  }
}
