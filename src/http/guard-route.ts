import type {
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preHandlerHookHandler,
} from 'fastify'
import type { ApiKey, KeyRole } from '../kernel/api-key.ts'
import type { Clock } from '../kernel/clock.ts'
import type { RateLimitsOfKeys } from '../village/access/access.ts'
import type { ApiError } from './api-error.ts'
import { keyOfHeaders, type ApiKeyGate } from './api-key-gate.ts'
import { setRateLimitHeaders } from './rate-limit-headers.ts'
import { RequestProblem } from './request-problem.ts'
import { estimateTokens } from './estimate-tokens.ts'

export type GuardParts = {
  readonly gate: ApiKeyGate
  readonly limits: RateLimitsOfKeys
  readonly clock: Clock
}

const missingKey = refusal(
  'No API key. Send yours as "Authorization: Bearer vk-…" or in the header x-api-key.',
)
const wrongKey = refusal('This API key is unknown, expired or revoked.')

/** Lets a request pass only with a key of one of the roles and within its limits; the body is not read yet. */
export function guardRoute(roles: readonly KeyRole[], parts: GuardParts): onRequestHookHandler {
  const admit = (key: ApiKey | null, request: FastifyRequest, reply: FastifyReply): void => {
    if (key === null) throw new RequestProblem(wrongKey)
    if (!roles.includes(key.role)) throw new RequestProblem(wrongRole(key.role, roles, request))
    request.caller = key
    const limiter = parts.limits.of(key)
    if (limiter === null) return
    const nowMs = parts.clock.now()
    try {
      limiter.begin(nowMs)
    } finally {
      setRateLimitHeaders(reply.raw, limiter, nowMs)
    }
    const taken = { tokens: 0, atMs: nowMs }
    request.limited = { limiter, taken }
    const end = (): void => limiter.end(parts.clock.now(), taken)
    // A client may leave while its key is looked up: its response has closed already then.
    if (reply.raw.closed) end()
    else reply.raw.once('close', end)
  }
  return (request, reply, done) => {
    const secret = keyOfHeaders(request.headers)
    if (secret === null) {
      done(new RequestProblem(missingKey))
      return
    }
    const checked = parts.gate.check(secret)
    if (checked instanceof Promise) {
      checked.then((key) => admit(key, request, reply)).then(() => done(), done)
      return
    }
    try {
      admit(checked, request, reply)
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  }
}

/** Takes the tokens that the body asks for, where the key's tokens are limited. */
export function guardTokens({ clock }: Pick<GuardParts, 'clock'>): preHandlerHookHandler {
  return (request, reply, done) => {
    const { limited } = request
    if (limited === null || limited.limiter.limits.tokensPerMinute === null) {
      done()
      return
    }
    const { limiter, taken } = limited
    const nowMs = clock.now()
    try {
      const tokens = estimateTokens(request.body)
      limiter.takeTokens(nowMs, tokens)
      taken.tokens = tokens
      taken.atMs = nowMs
      done()
    } catch (error) {
      done(error as Error)
    } finally {
      setRateLimitHeaders(reply.raw, limiter, nowMs)
    }
  }
}

function wrongRole(
  role: KeyRole,
  roles: readonly KeyRole[],
  { method, routeOptions }: FastifyRequest,
): ApiError {
  const route = `${method} ${routeOptions.url ?? ''}`
  return {
    status: 403,
    message: `A key with the role ${role} may not use ${route}; it takes the role ${roles.join(' or ')}.`,
    type: 'permission_error',
    param: null,
    code: 'role_not_allowed',
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
