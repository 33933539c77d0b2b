import type { CachedAnswer } from '../../kernel/cached-answer.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { AnswerCache } from '../../serving/answer-cache.ts'
import type { Sharing } from './answer-sharing.ts'
import { requestKey } from './request-key.ts'
import type { NearAnswer, SemanticAnswers, SimilarRequest } from './semantic-answers.ts'
import { similarityOf } from './similar-request.ts'
import type { AnswerInput } from '../village-service.ts'

export type LookUpParts = {
  readonly cache: AnswerCache
  readonly clock: Clock
  readonly origin: string
  /** Left out where only equal requests get kept answers. */
  readonly semantic?: SemanticAnswers | undefined
  readonly maxTextCharacters: number
}

/** A request with everything that the cache knows about it. */
export type AskedRequest = {
  readonly key: string
  readonly input: AnswerInput
  readonly sharing: Sharing
  /** The answer to an equal request. */
  readonly kept: CachedAnswer | null
  /** The request as the semantic cache sees it; null where it must not, or need not. */
  readonly similar: SimilarRequest | null
  readonly near: NearKept | null
}

type NearKept = { readonly near: NearAnswer; readonly kept: CachedAnswer }

export async function lookUp(
  input: AnswerInput,
  sharing: Sharing,
  parts: LookUpParts,
): Promise<AskedRequest> {
  const key = requestKey(input, sharing.tenant, parts.origin)
  const kept = sharing.read ? await findKept(key, input, parts) : null
  const asked = { key, input, sharing, kept, similar: null, near: null }
  const { semantic } = parts
  const entry = kept === null && semantic !== undefined ? similarityOf(input, sharing, parts) : null
  if (semantic === undefined || entry === null) return asked
  const similar = await semantic.understand(sharing.tenant, entry)
  const near = similar === null || !sharing.read ? null : semantic.nearest(similar)
  const nearKept = near === null ? null : await findKept(near.key, input, parts)
  return {
    ...asked,
    similar,
    near: near === null || nearKept === null ? null : { near, kept: nearKept },
  }
}

async function findKept(
  key: string,
  input: AnswerInput,
  { cache, clock }: LookUpParts,
): Promise<CachedAnswer | null> {
  const kept = await cache.find(key)
  const maxAgeMs = input.cache?.maxAgeMs
  if (kept === null || maxAgeMs === undefined) return kept
  return clock.now() - kept.head.storedAtMs <= maxAgeMs ? kept : null
}
