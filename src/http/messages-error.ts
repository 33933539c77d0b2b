import type { ApiError, ErrorBodyObject } from './api-error.ts'

/** A failure as Anthropic's clients read it; what OpenAI's read stands beside it. */
export function messagesErrorBody(error: ApiError): ErrorBodyObject {
  return {
    type: 'error',
    error: {
      type: typeOfStatus(error.status),
      message: error.message,
      param: error.param,
      code: error.code,
    },
    request_id: null,
  }
}

function typeOfStatus(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error'
    case 402:
      return 'billing_error'
    case 403:
      return 'permission_error'
    case 404:
      return 'not_found_error'
    case 429:
      return 'rate_limit_error'
    case 503:
      return 'overloaded_error'
    case 504:
      return 'timeout_error'
    default:
      return status < 500 ? 'invalid_request_error' : 'api_error'
  }
}
