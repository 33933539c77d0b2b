import type { ModelCallError } from '../kernel/errors.ts'

/**
 * Whose fault a failed call is. `replica`: another may do it. `busy`: it asks for a pause.
 * `unclear`: the replica's only if another one answers the same request. `request`: nobody would.
 */
export type Blame = 'replica' | 'busy' | 'unclear' | 'request'

/**
 * Some servers answer 500 to a request that they cannot take, so that one client's requests could
 * otherwise take every replica out of service.
 */
const unclearStatuses: ReadonlySet<number> = new Set([402, 403, 404, 405, 500, 501])

export function blameFor({ status, midStream, retryable }: ModelCallError): Blame {
  if (status === 429) return 'busy'
  if (status === undefined || midStream) return 'replica'
  // A redirect is not followed: this one is set up wrongly, or none is.
  if (status < 400 || unclearStatuses.has(status)) return 'unclear'
  return retryable || status === 401 || status > 500 ? 'replica' : 'request'
}
