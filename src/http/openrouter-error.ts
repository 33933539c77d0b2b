import type { ApiError, ErrorBodyObject } from './api-error.ts'

/** A failure as OpenRouter's clients read it: there, the code is the status. */
export function openRouterErrorBody(error: ApiError): ErrorBodyObject {
  const { message, type, param, code, status } = error
  const metadata = { error_type: errorTypeOf(status), type, param, code }
  return { error: { code: status, message, metadata } }
}

/** The provider's closed set of words. */
function errorTypeOf(status: number): string {
  switch (status) {
    case 401:
      return 'authentication'
    case 402:
      return 'payment_required'
    case 403:
      return 'permission_denied'
    case 404:
      return 'not_found'
    case 413:
      return 'payload_too_large'
    case 422:
      return 'unprocessable'
    case 429:
      return 'rate_limit_exceeded'
    case 502:
    case 503:
      return 'provider_unavailable'
    case 504:
      return 'timeout'
    default:
      return status < 500 ? 'invalid_request' : 'server'
  }
}
