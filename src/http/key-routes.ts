import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { keyRoles } from '../kernel/api-key.ts'
import { nanoUsdFromUsd } from '../kernel/money.ts'
import { callerOf } from './caller.ts'
import { wireKey, wireOwnKey } from './key-wire.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import type { RouteContext } from './route-context.ts'

const Usd = z.number().positive().max(1_000_000).nullish()
const Count = z.int().positive().max(1_000_000_000).nullish()

export const NewKey = z.strictObject({
  name: z.string().trim().min(1).max(200),
  role: z.enum(keyRoles).default('member'),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
  allowed_models: z.array(z.string().min(1).max(256)).min(1).max(1000).nullish(),
  limits: z
    .strictObject({
      requests_per_minute: Count,
      tokens_per_minute: Count,
      concurrent_requests: Count,
    })
    .prefault({}),
  budgets: z.strictObject({ daily_usd: Usd, monthly_usd: Usd, total_usd: Usd }).prefault({}),
})

/** `GET /v1/key`: the caller's own key, in OpenRouter's shape. */
export function showOwnKey({ access }: RouteContext, request: FastifyRequest) {
  const key = callerOf(request)
  return { data: wireOwnKey(key, access.spending.ofKey(key)) }
}

export async function listKeys({ access }: RouteContext) {
  const keys = await access.keys.list()
  return {
    object: 'list',
    data: keys.map((key) => wireKey(key, access.spending.ofKey(key))),
  }
}

/** The only answers that ever hold a key are this one and that of `rotateKey`. */
export async function createKey(
  { access }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const wishes = parseWithSchema(NewKey, request.body)
  const { limits, budgets } = wishes
  const amount = (usd: number | null | undefined) =>
    typeof usd === 'number' ? nanoUsdFromUsd(usd) : null
  const { key, record } = await access.keys.issue(
    {
      name: wishes.name,
      role: wishes.role,
      expiresAtMs: typeof wishes.expires_at === 'string' ? Date.parse(wishes.expires_at) : null,
      allowedModels: wishes.allowed_models ?? null,
      limits: {
        requestsPerMinute: limits.requests_per_minute ?? null,
        tokensPerMinute: limits.tokens_per_minute ?? null,
        concurrentRequests: limits.concurrent_requests ?? null,
      },
      budgets: {
        day: amount(budgets.daily_usd),
        month: amount(budgets.monthly_usd),
        total: amount(budgets.total_usd),
      },
    },
    callerOf(request).role,
  )
  return secretReply(reply)
    .code(201)
    .send({ ...wireKey(record, access.spending.ofKey(record)), key })
}

export async function rotateKey(
  { access }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { key, record } = await access.keys.rotate(idOf(request), callerOf(request).role)
  return secretReply(reply).send({ ...wireKey(record, access.spending.ofKey(record)), key })
}

export async function revokeKey({ access }: RouteContext, request: FastifyRequest) {
  const { id } = await access.keys.revoke(idOf(request), callerOf(request).role)
  return { id, object: 'village.key', deleted: true }
}

function secretReply(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store')
}

function idOf(request: FastifyRequest): string {
  const { id } = request.params as { readonly id: string }
  return id
}
