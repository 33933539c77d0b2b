import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { parseWithSchema } from './parse-with-schema.ts'
import type { RouteContext } from './route-context.ts'

export const FeedbackBody = z.object({
  decision_id: z.string().min(1).max(128),
  rating: z.union([z.literal('up'), z.literal('down'), z.literal(1), z.literal(-1)], {
    error: 'expected "up", "down", 1 or -1',
  }),
  correction: z.string().max(1_000_000).nullish(),
  comment: z.string().max(100_000).nullish(),
})

/** `POST /v1/feedback`. */
export async function recordFeedback(context: RouteContext, request: FastifyRequest) {
  const {
    decision_id: decisionId,
    rating,
    correction,
    comment,
  } = parseWithSchema(FeedbackBody, request.body)
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
