import type { CachedAnswer, CachedAnswerHead, SimilarityEntry } from '../../kernel/cached-answer.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Random } from '../../kernel/random.ts'
import type { Ledger } from '../../kernel/stores.ts'
import type { TextEmbedder } from '../../kernel/text-embedder.ts'
import type { AnswerPair } from '../../learning/compare-answers.ts'
import { lexicalDifference, lexicalRule } from '../../serving/lexical-difference.ts'
import type { NearestTexts } from '../../serving/nearest-texts.ts'
import { groupOf } from '../follow-up/answer-meaning.ts'
import { embedInTime } from './embed-in-time.ts'
import { bandFloors } from './similarity-bands.ts'
import type { BandDecision, BandSummary } from './similarity-bands.ts'
import type { TenantBands } from './tenant-bands.ts'
import type { AnsweredTask, AnswerInput } from '../village-service.ts'

export type SemanticParts = {
  readonly embedder: TextEmbedder
  readonly texts: NearestTexts
  readonly bands: TenantBands
  readonly random: Random
  readonly ledger: Ledger
  readonly clock: Clock
  readonly ids: Ids
  /** Is the candidate as good as the reference, and who says so? */
  compare(pair: AnswerPair): Promise<{ readonly method: string; readonly goodEnough: boolean }>
  readonly onError: (error: unknown) => void
}

/** A request with its vector, to be remembered with its answer. */
export type SimilarRequest = {
  readonly tenant: string
  readonly entry: SimilarityEntry
  readonly vector: Float32Array
}

/** The kept answer to the most similar request, and what is to be done with it. */
export type NearAnswer = {
  readonly tenant: string
  readonly key: string
  readonly similarity: number
  readonly decision: BandDecision
  /** Is it to be compared with the request's own answer? Sure where it is not given. */
  readonly audited: boolean
}

/**
 * Kept answers to similar requests. Nothing is found by similarity alone: what a text says in
 * numbers, names, negations and units must be the same, and the band of similarity must have been
 * opened by comparisons. A request whose band is closed is answered as ever, and its answer compared
 * with the kept one: that costs nothing and is how bands open.
 */
export class SemanticAnswers {
  readonly #parts: SemanticParts
  readonly #underWay = new Set<Promise<void>>()

  constructor(parts: SemanticParts) {
    this.#parts = parts
  }

  /** Null when that failed: the request is then answered as if there were no such cache. */
  async understand(tenant: string, entry: SimilarityEntry): Promise<SimilarRequest | null> {
    try {
      await this.#parts.bands.load(tenant)
      const { embedder, clock } = this.#parts
      return { tenant, entry, vector: await embedInTime(embedder, entry.text, clock) }
    } catch (error) {
      this.#parts.onError(error)
      return null
    }
  }

  nearest({ tenant, entry, vector }: SimilarRequest): NearAnswer | null {
    const { texts, bands, random } = this.#parts
    const least = bandFloors.at(-1) ?? 1
    const near = texts
      .nearest(entry.group, vector, least)
      .find(({ text }) => lexicalDifference(text, entry.text) === null)
    const decision = near === undefined ? null : bands.decide(tenant, near.similarity)
    if (near === undefined || decision === null) return null
    const { key, similarity } = near
    texts.use(key)
    return { tenant, key, similarity, decision, audited: random() < decision.probability }
  }

  remember(key: string, { entry, vector }: SimilarRequest): void {
    this.#parts.texts.add({ key, ...entry, vector })
  }

  /** Takes up the texts of an earlier process, a few at a time: vectors are made anew. */
  async restore(heads: readonly CachedAnswerHead[]): Promise<void> {
    for (const { key, tenant, similar } of heads) {
      if (similar === undefined) continue
      const request = await this.understand(tenant, similar)
      if (request !== null) this.remember(key, request)
    }
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#parts.texts.delete(key)
  }

  /**
   * Compares a kept answer with the one that was made, records what was found, and learns it. `made`
   * is null when it failed, `hit` when the kept answer was not given.
   */
  check(found: {
    readonly near: NearAnswer
    readonly kept: CachedAnswer
    readonly input: AnswerInput
    readonly made: AnsweredTask | null
    readonly hit: AnsweredTask | null
  }): void {
    this.follow(this.#check(found))
  }

  /** For people: the tenant's bands of similarity, and on how many comparisons each stands. */
  async bandsOf(tenant: string): Promise<readonly BandSummary[]> {
    await this.#parts.bands.load(tenant)
    return this.#parts.bands.summary(tenant)
  }

  /** Work that nobody waits for but the end of the village. */
  follow(work: Promise<void>): void {
    const followed = work.catch(this.#parts.onError).finally(() => this.#underWay.delete(followed))
    this.#underWay.add(followed)
  }

  /** Resolves when all comparisons so far are recorded and learnt. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    await this.#parts.bands.saved()
  }

  async #check({ near, kept, input, made, hit }: Parameters<SemanticAnswers['check']>[0]) {
    const { ledger, clock, ids, bands, embedder } = this.#parts
    const compared =
      made === null
        ? null
        : await this.#parts.compare({
            task: { messages: input.request.messages, ...groupIn(made) },
            candidate: kept.answer.text,
            reference: made.answer.text,
          })
    const wrong = compared === null ? null : !compared.goodEnough
    const { tenant, similarity, decision } = near
    await ledger.commit([
      {
        type: 'cache-check',
        record: {
          id: ids.next('check'),
          tenant,
          agent: made?.decision.agent ?? kept.decision.agent,
          taskId: made?.decision.taskId ?? kept.decision.taskId,
          keptDecisionId: kept.decision.id,
          madeDecisionId: made?.decision.id ?? null,
          hitDecisionId: hit?.decision.id ?? null,
          similarity,
          measure: measureOf(embedder),
          band: decision.band,
          epoch: decision.epoch,
          probability: decision.probability,
          method: compared?.method ?? null,
          wrong,
          checkedAtMs: clock.now(),
        },
      },
    ])
    bands.record(tenant, decision, wrong)
  }
}

function groupIn({ decision: { agent, kind } }: AnsweredTask): { readonly group?: string } {
  return agent === null ? {} : { group: groupOf({ agent, kind }) }
}

/** Names everything that decides what is similar. */
export function measureOf(embedder: TextEmbedder): string {
  return `${embedder.name} ${embedder.hash} ${lexicalRule}`
}
