import { hash } from 'node:crypto'
import type { AnswerInput } from '../village-service.ts'

/**
 * The same for two requests of one tenant that may get the same answer: sha256 over the tenant, where
 * the village gets its answers from, and everything in the request but what does not change an
 * answer. A field that is not known here counts, so a new one can split equal requests but never
 * join different ones.
 */
export function requestKey(input: AnswerInput, tenant: string, origin: string): string {
  const { verifier: _, streamed: __, tenant: ___, cache: ____, decisionId: _____, ...rest } = input
  return hash('sha256', JSON.stringify([origin, tenant, rest]))
}
