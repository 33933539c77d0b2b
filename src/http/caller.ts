import type { FastifyRequest } from 'fastify'
import type { ApiKey, KeyRole } from '../kernel/api-key.ts'
import type { ErrorBody } from './api-error.ts'
import type { LimitedRequest } from './rate-limit-headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that sends the request; null on routes for everyone. */
    caller: ApiKey | null
    /** Null when the key has no rate limits. */
    limited: LimitedRequest | null
  }
  interface FastifyContextConfig {
    /** Who may use the route; a route that says nothing is not registered. */
    roles?: RouteRoles
    /** The route reads no body, so an empty one is no mistake. */
    bodyless?: boolean
    /** How failures are told on the route's wire, where it is not in OpenAI's shape. */
    errorBody?: ErrorBody
  }
}

/** `everyone` needs no key. */
export type RouteRoles = 'everyone' | readonly KeyRole[]

/** The key that sends the request. Only for handlers of routes that need one. */
export function callerOf(request: FastifyRequest): ApiKey {
  if (request.caller === null) throw new TypeError('This route needs no key, so it has no caller')
  return request.caller
}
