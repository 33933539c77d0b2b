import type { CachedAnswer, SimilarityEntry } from '../../kernel/cached-answer.ts'
import { resolveModel } from '../planning/resolve-model.ts'
import type { AnsweredTask, AnswerInput } from '../village-service.ts'

/** The answer as the cache keeps it. */
export function keptAnswer(made: {
  readonly key: string
  readonly tenant: string
  readonly input: AnswerInput
  readonly answered: AnsweredTask
  /** Null where only equal requests may have it. */
  readonly similar: SimilarityEntry | null
  readonly storedAtMs: number
  readonly timeToLiveSeconds: number
}): CachedAnswer {
  const { key, tenant, input, storedAtMs, similar } = made
  const { answer, decision } = made.answered
  const requested = resolveModel(input.requestedModel)
  const named = requested.type === 'local' ? requested.name : null
  const head = {
    key,
    tenant,
    requestedModel: input.requestedModel,
    agent: decision.agent,
    localAgent: decision.route === 'local' ? (decision.agent ?? named) : null,
    checkpoint: decision.checkpoint,
    decisionId: decision.id,
    sizeBytes: sizeInMemory(
      answer.text.length +
        (similar?.text.length ?? 0) +
        JSON.stringify([answer.extra, answer.unread, decision]).length,
    ),
    storedAtMs,
    expiresAtMs: storedAtMs + made.timeToLiveSeconds * 1000,
    ...(similar !== null && { similar }),
  }
  return { head, answer, decision }
}

export const bytesPerCharacter = 2
/** What an entry takes beside its texts. */
const entryOverheadBytes = 1_000

function sizeInMemory(characters: number): number {
  return characters * bytesPerCharacter + entryOverheadBytes
}
