import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { agentNames } from '../kernel/agent-name.ts'
import { tenantOf } from './tenant.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import type { RouteContext } from './route-context.ts'

export const Forget = z.strictObject({
  decision_id: z.string().min(1).max(128).nullish(),
  model: z.string().min(1).max(256).nullish(),
  agent: z.enum(agentNames).nullish(),
  older_than_seconds: z.number().min(0).nullish(),
})

/** `POST /village/cache/forget`: all kept answers of the caller for which every condition holds. */
export async function forgetAnswers(context: RouteContext, request: FastifyRequest) {
  const fields = parseWithSchema(Forget, request.body)
  const { decision_id: decisionId, model, agent, older_than_seconds: olderThanSeconds } = fields
  const forgotten = await context.answers?.forgetAnswers(tenantOf(request), {
    ...(typeof decisionId === 'string' && { decisionId }),
    ...(typeof model === 'string' && { model }),
    ...(typeof agent === 'string' && { agent }),
    ...(typeof olderThanSeconds === 'number' && { olderThanMs: olderThanSeconds * 1000 }),
  })
  return { object: 'village.cache.forgotten', forgotten: forgotten ?? 0 }
}

/** `GET /village/cache`: how the bands of similarity stand for the key that asks. */
export async function showCache(context: RouteContext, request: FastifyRequest) {
  const bands = (await context.answers?.similarityBands(tenantOf(request))) ?? null
  return { object: 'village.cache', semantic: bands === null ? null : { bands } }
}
