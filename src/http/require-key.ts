import type { onRequestHookHandler } from 'fastify'
import type { ApiError } from './api-error.ts'
import type { ApiKeyGate } from './api-key-gate.ts'
import { keyOfHeaders } from './api-key-gate.ts'
import { RequestProblem } from './request-problem.ts'

const missingKey = refusal(
  'No API key. Send yours as "Authorization: Bearer vk-…" or in the header x-api-key.',
)
const wrongKey = refusal('This API key is unknown or revoked.')

/** Lets a request pass only with a known key; runs before the body is read. */
export function requireKey(gate: ApiKeyGate): onRequestHookHandler {
  return (request, _reply, done) => {
    const key = keyOfHeaders(request.headers)
    if (key === null) {
      done(new RequestProblem(missingKey))
      return
    }
    const checked = gate.check(key)
    if (!(checked instanceof Promise)) {
      done()
      return
    }
    checked.then(
      (found) => (found === null ? done(new RequestProblem(wrongKey)) : done()),
      (error: unknown) => done(error as Error),
    )
  }
}

function refusal(message: string): ApiError {
  return {
    status: 401,
    message,
    type: 'authentication_error',
    param: null,
    code: 'invalid_api_key',
    headers: { 'www-authenticate': 'Bearer' },
  }
}
