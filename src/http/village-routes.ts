import type { FastifyReply, FastifyRequest } from 'fastify'
import { invalidRequest } from './api-error.ts'
import { callerOf } from './caller.ts'
import { RequestProblem } from './request-problem.ts'
import type { RouteContext } from './route-context.ts'

export function showStatus(context: RouteContext) {
  return context.status.current()
}

export async function showDecision(context: RouteContext, request: FastifyRequest) {
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

/** The status as it changes, for as long as the key is what it was. */
export function streamStatus(context: RouteContext, request: FastifyRequest, reply: FastifyReply) {
  const { id } = callerOf(request)
  reply.hijack()
  if (reply.raw.closed) return
  const stopWatching = context.access.keys.onChange((keyId) => {
    if (keyId === id) reply.raw.end()
  })
  reply.raw.once('close', stopWatching)
  context.statusEvents.join(reply.raw)
}
