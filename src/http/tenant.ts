import type { FastifyRequest } from 'fastify'
import type { AnswerInput } from '../village/village-service.ts'
import { readCacheWish } from './cache-wish.ts'
import { callerOf } from './caller.ts'

/** Whose request this is: answers, files and batches belong to one key. */
export function tenantOf(request: FastifyRequest): string {
  return callerOf(request).id
}

/** What belongs to the caller of a request rather than to its body. */
export function tenantFields(request: FastifyRequest): Pick<AnswerInput, 'tenant' | 'cache'> {
  const cache = readCacheWish(request.headers)
  return { tenant: tenantOf(request), ...(cache !== undefined && { cache }) }
}
