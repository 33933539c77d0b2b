import type { FastifyRequest } from 'fastify'
import type { ErrorBody } from './api-error.ts'
import { bodyOfApiError } from './api-error.ts'

/** Each wire tells failures in its own shape; OpenAI's is that of all others. */
export function errorBodyOf(request: FastifyRequest): ErrorBody {
  return request.routeOptions.config.errorBody ?? bodyOfApiError
}
