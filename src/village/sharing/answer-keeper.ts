import type { Clock } from '../../kernel/clock.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { AnswerCache } from '../../serving/answer-cache.ts'
import { isWorthKeeping } from './answer-sharing.ts'
import type { Sharing } from './answer-sharing.ts'
import { askForItself } from './ask-for-itself.ts'
import type { OwnAnswer } from './ask-for-itself.ts'
import { keptAnswer } from './kept-answer.ts'
import { lookUp } from './look-up.ts'
import type { AskedRequest, LookUpParts } from './look-up.ts'
import type { Reuse } from './reused-answer.ts'
import type { SemanticAnswers } from './semantic-answers.ts'
import type { BandSummary } from './similarity-bands.ts'
import type { AnsweredTask, AnswerInput, ForgetInput, VillageService } from '../village-service.ts'

export type AnswerKeeperParts = {
  readonly village: Pick<VillageService, 'answer'> & {
    /** Gives an answer again under a decision of its own. */
    reuse(input: AnswerInput, reuse: Reuse): Promise<AnsweredTask>
  }
  readonly cache: AnswerCache
  readonly clock: Clock
  readonly findDecision: (id: string) => Promise<Decision | null>
  /**
   * Whatever in the configuration changes answers: where they come from, prompts, models. Answers
   * kept under another one are not given again.
   */
  readonly origin: string
  /** Left out where only equal requests get kept answers. */
  readonly semantic?: SemanticAnswers | undefined
  /** Told of every request that may be given a kept answer, and has just been looked up. */
  onLookedUp?(asked: AskedRequest): void
  /** Aborts what the village asks for itself when it stops. */
  readonly signal?: AbortSignal
  readonly settings: {
    readonly timeToLiveSeconds: number
    readonly semantic: { readonly maxTextCharacters: number }
  }
}

/** What is kept of answers, to whom it is given again, and what comes of that. */
export class AnswerKeeper {
  readonly #parts: AnswerKeeperParts
  readonly #lookUpParts: LookUpParts

  constructor(parts: AnswerKeeperParts) {
    this.#parts = parts
    this.#lookUpParts = { ...parts, maxTextCharacters: parts.settings.semantic.maxTextCharacters }
  }

  async lookUp(input: AnswerInput, sharing: Sharing): Promise<AskedRequest> {
    const asked = await lookUp(input, sharing, this.#lookUpParts)
    if (sharing.read) this.#parts.onLookedUp?.(asked)
    return asked
  }

  /** The kept answer to an equal request or, where its similarity allows it, to a similar one. */
  async give(asked: AskedRequest): Promise<AnsweredTask | null> {
    const { village, semantic } = this.#parts
    const { kept, near, input } = asked
    if (kept !== null) return village.reuse(input, { answered: kept, from: 'cache' })
    if (near === null || !near.near.decision.isOpen) return null
    const { similarity, audited, decision } = near.near
    const resemblance = { similarity, audited, auditProbability: decision.probability }
    const given = await village.reuse(input, {
      answered: near.kept,
      from: 'semantic',
      resemblance,
    })
    if (audited) semantic?.follow(this.#audit(asked, given))
    return given
  }

  /** An answer was made: it is kept, and compared with the one that was not given. */
  noteMade(asked: AskedRequest, answered: AnsweredTask, epoch: number): void {
    if (asked.sharing.keep) this.#keep(asked, answered, epoch)
    if (asked.near === null) return
    const { input } = asked
    this.#parts.semantic?.check({ ...asked.near, input, made: answered, hit: null })
  }

  /** Changes with every invalidation: an answer begun before one is not to be kept after it. */
  get epoch(): number {
    return this.#parts.cache.epoch
  }

  /** Asks again what was asked before, at the village's cost, and keeps the answer. */
  async refresh(input: AnswerInput, sharing: Sharing, signal: AbortSignal): Promise<OwnAnswer> {
    const asked = await lookUp(input, { ...sharing, read: false }, this.#lookUpParts)
    const { epoch } = this
    const options = { ownPurpose: 'warming', signal } as const
    const made = await askForItself(this.#parts.village, input, options)
    if (typeof made !== 'string') this.#keep(asked, made, epoch)
    return made
  }

  /** Forgets kept answers of one tenant; returns how many. A decision may be one that reused another. */
  async forget(tenant: string, what: ForgetInput): Promise<number> {
    const { cache, findDecision } = this.#parts
    if (what.decisionId === undefined) return cache.invalidate({ ...what, tenant })
    const decision = await findDecision(what.decisionId)
    const decisionId = decision?.reused?.decisionId ?? what.decisionId
    return cache.invalidate({ ...what, decisionId, tenant })
  }

  /** How a tenant's bands of similarity stand; null where there are none. */
  async bandsOf(tenant: string): Promise<readonly BandSummary[] | null> {
    return (await this.#parts.semantic?.bandsOf(tenant)) ?? null
  }

  /** Resolves when all comparisons of kept answers so far are recorded and learnt. */
  async idle(): Promise<void> {
    await this.#parts.semantic?.idle()
  }

  /** What would have been answered, beside what was given. */
  async #audit(asked: AskedRequest, hit: AnsweredTask): Promise<void> {
    const { village, semantic, signal = new AbortController().signal } = this.#parts
    const { near, input } = asked
    const { epoch } = this
    const made = await askForItself(village, input, { ownPurpose: 'cache-audit', signal })
    if (made === 'not-asked' || near === null) return
    if (made !== 'failed') this.#keep(asked, made, epoch)
    semantic?.check({ ...near, input, made: made === 'failed' ? null : made, hit })
  }

  #keep(asked: AskedRequest, answered: AnsweredTask, epoch: number): void {
    const { key, input, sharing, similar } = asked
    if (!isWorthKeeping(answered.answer, sharing.asked)) return
    const { cache, clock, settings, semantic } = this.#parts
    const entry = keptAnswer({
      key,
      tenant: sharing.tenant,
      input,
      answered,
      similar: similar?.entry ?? null,
      storedAtMs: clock.now(),
      timeToLiveSeconds: settings.timeToLiveSeconds,
    })
    if (cache.put(entry, epoch) && similar !== null) semantic?.remember(key, similar)
  }
}
