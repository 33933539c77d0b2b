import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { UnknownModelError } from '../kernel/errors.ts'
import { answerChat } from './answer-chat.ts'
import { invalidRequest } from './api-error.ts'
import { clientSignal } from './client-signal.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { RequestProblem } from './request-problem.ts'
import type { RouteContext } from './route-context.ts'
import { wireModel } from './wire-model.ts'

export type Route = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly needsKey: boolean
  readonly handle: (context: RouteContext, request: FastifyRequest, reply: FastifyReply) => unknown
}

export const routes: readonly Route[] = [
  { method: 'POST', url: '/v1/chat/completions', needsKey: true, handle: answerChat },
  { method: 'GET', url: '/v1/models', needsKey: true, handle: listModels },
  { method: 'GET', url: '/v1/models/*', needsKey: true, handle: findModel },
  { method: 'POST', url: '/v1/feedback', needsKey: true, handle: recordFeedback },
  { method: 'GET', url: '/village/status', needsKey: true, handle: showStatus },
  { method: 'GET', url: '/village/decisions/:id', needsKey: true, handle: showDecision },
  { method: 'GET', url: '/village/events', needsKey: true, handle: streamStatus },
  { method: 'GET', url: '/healthz', needsKey: false, handle: () => ({ status: 'ok' }) },
]

async function listModels(context: RouteContext, _request: FastifyRequest, reply: FastifyReply) {
  const models = await context.service.models(clientSignal(reply.raw))
  return { object: 'list', data: models.map((model) => wireModel(model, context)) }
}

async function findModel(context: RouteContext, request: FastifyRequest, reply: FastifyReply) {
  const { '*': id } = request.params as { readonly '*': string }
  const models = await context.service.models(clientSignal(reply.raw))
  const found = models.find((model) => model.id === id)
  if (found === undefined) throw new UnknownModelError(id.slice(0, 256), [])
  return wireModel(found, context)
}

const Feedback = z.object({
  decision_id: z.string().min(1).max(128),
  rating: z.union([z.literal('up'), z.literal('down'), z.literal(1), z.literal(-1)], {
    error: 'expected "up", "down", 1 or -1',
  }),
  correction: z.string().max(1_000_000).nullish(),
  comment: z.string().max(100_000).nullish(),
})

async function recordFeedback(context: RouteContext, request: FastifyRequest) {
  const {
    decision_id: decisionId,
    rating,
    correction,
    comment,
  } = parseWithSchema(Feedback, request.body)
  const feedback = await context.service.recordFeedback({
    decisionId,
    rating: rating === 'up' || rating === 1 ? 1 : -1,
    ...(typeof correction === 'string' && { correction }),
    ...(typeof comment === 'string' && { comment }),
  })
  return {
    id: feedback.id,
    object: 'village.feedback',
    created: Math.floor(feedback.receivedAtMs / 1000),
    decision_id: feedback.decisionId,
    rating: feedback.rating,
    correction: feedback.correction,
    comment: feedback.comment,
  }
}

function showStatus(context: RouteContext) {
  return context.status.current()
}

async function showDecision(context: RouteContext, request: FastifyRequest) {
  const { id } = request.params as { readonly id: string }
  const trail = await context.trails.find(id)
  if (trail !== null) return trail
  throw new RequestProblem(
    invalidRequest(`There is no decision "${id.slice(0, 128)}".`, {
      status: 404,
      param: 'id',
      code: 'decision_not_found',
    }),
  )
}

function streamStatus(context: RouteContext, _request: FastifyRequest, reply: FastifyReply) {
  reply.hijack()
  context.statusEvents.join(reply.raw)
}
