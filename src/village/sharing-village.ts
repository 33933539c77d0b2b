import type { Clock } from '../kernel/clock.ts'
import type { Decision } from '../kernel/decision.ts'
import type { AnswerCache } from '../serving/answer-cache.ts'
import { SharedCalls } from '../serving/shared-calls.ts'
import { SharedStream } from '../serving/shared-stream.ts'
import { isWorthKeeping, sharingOf } from './answer-sharing.ts'
import type { Sharing, SharingSettings } from './answer-sharing.ts'
import { askForItself } from './ask-for-itself.ts'
import { bytesPerCharacter, keptAnswer } from './kept-answer.ts'
import { lookUp } from './look-up.ts'
import type { AskedRequest, LookUpParts } from './look-up.ts'
import { eventsOf } from './reused-answer.ts'
import type { Reuse } from './reused-answer.ts'
import type { SemanticAnswers } from './semantic-answers.ts'
import type {
  AnsweredTask,
  AnswerEvent,
  AnswerInput,
  AnswerOptions,
  ForgetInput,
  KeptAnswers,
  VillageService,
} from './village-service.ts'

type Village = VillageService & {
  /** Throws when the village does not take this request from this caller. */
  requireAcceptable(input: AnswerInput, options: AnswerOptions): void
  /** Gives an answer again under a decision of its own. */
  reuse(input: AnswerInput, reuse: Reuse): Promise<AnsweredTask>
}

export type SharingVillageParts = {
  readonly village: Village
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
  /** Aborts what the village asks for itself when it stops. */
  readonly signal?: AbortSignal
  readonly settings: SharingSettings & {
    readonly timeToLiveSeconds: number
    readonly semantic: { readonly maxTextCharacters: number }
    /** Of an answer that is being streamed to several clients. */
    readonly maxSharedBytes: number
  }
}

/**
 * A village that answers equal requests of one tenant once: from the cache when the answer is
 * known, and together when they are under way at once. Everything else goes straight through.
 */
export class SharingVillage implements VillageService, KeptAnswers {
  readonly #parts: SharingVillageParts
  readonly #calls = new SharedCalls<AnsweredTask>()
  readonly #streams = new Map<string, SharedStream<AnswerEvent>>()
  readonly #lookUpParts: LookUpParts
  #answering = 0

  constructor(parts: SharingVillageParts) {
    this.#parts = parts
    this.#lookUpParts = { ...parts, maxTextCharacters: parts.settings.semantic.maxTextCharacters }
  }

  /** Requests of clients now under way. */
  get answering(): number {
    return this.#answering
  }

  /** Resolves when all comparisons of kept answers so far are recorded and learnt. */
  async idle(): Promise<void> {
    await this.#parts.semantic?.idle()
  }

  readonly embed: VillageService['embed'] = (input, options) =>
    this.#parts.village.embed(input, options)

  readonly model: VillageService['model'] = (id, signal) => this.#parts.village.model(id, signal)

  readonly generation: VillageService['generation'] = (decisionId) =>
    this.#parts.village.generation(decisionId)

  readonly models: VillageService['models'] = (signal) => this.#parts.village.models(signal)

  readonly recordFeedback: VillageService['recordFeedback'] = (input) =>
    this.#parts.village.recordFeedback(input)

  readonly authenticate: VillageService['authenticate'] = (key) =>
    this.#parts.village.authenticate(key)

  /** Forgets kept answers of one tenant; returns how many. A decision may be one that reused another. */
  async forgetAnswers(tenant: string, what: ForgetInput): Promise<number> {
    const { cache, findDecision } = this.#parts
    if (what.decisionId === undefined) return cache.invalidate({ ...what, tenant })
    const decision = await findDecision(what.decisionId)
    const decisionId = decision?.reused?.decisionId ?? what.decisionId
    return cache.invalidate({ ...what, decisionId, tenant })
  }

  async answer(input: AnswerInput, options: AnswerOptions): Promise<AnsweredTask> {
    this.#answering += 1
    try {
      const sharing = sharingOf(input, this.#parts.settings)
      return sharing === null
        ? await this.#parts.village.answer(input, options)
        : await this.#answerShared(input, sharing, options)
    } finally {
      this.#answering -= 1
    }
  }

  async *stream(input: AnswerInput, options: AnswerOptions): AsyncGenerator<AnswerEvent> {
    this.#answering += 1
    try {
      const sharing = sharingOf(input, this.#parts.settings)
      if (sharing === null) yield* this.#parts.village.stream(input, options)
      else yield* this.#streamShared(input, sharing, options)
    } finally {
      this.#answering -= 1
    }
  }

  async #answerShared(
    input: AnswerInput,
    sharing: Sharing,
    options: AnswerOptions,
  ): Promise<AnsweredTask> {
    this.#parts.village.requireAcceptable(input, options)
    const { signal } = options
    const asked = await lookUp(input, sharing, this.#lookUpParts)
    const given = await this.#give(asked)
    if (given !== null) return given
    const { key } = asked
    const underWay = sharing.join ? this.#streams.get(key) : undefined
    if (underWay !== undefined) return this.#wholeOf(underWay, input, signal)
    const call = async (callSignal: AbortSignal): Promise<AnsweredTask> => {
      const { epoch } = this.#parts.cache
      const answered = await this.#parts.village.answer(input, { ...options, signal: callSignal })
      this.#noteMade(asked, answered, epoch)
      return answered
    }
    if (!sharing.join) return call(signal)
    const { value, led } = await this.#calls.join(key, call, signal)
    return led ? value : this.#reuse(input, { answered: value, from: 'flight' })
  }

  async *#streamShared(
    input: AnswerInput,
    sharing: Sharing,
    options: AnswerOptions,
  ): AsyncGenerator<AnswerEvent> {
    this.#parts.village.requireAcceptable(input, options)
    const { signal } = options
    const asked = await lookUp(input, sharing, this.#lookUpParts)
    const given = await this.#give(asked)
    if (given !== null) {
      yield* eventsOf(given)
      return
    }
    if (!sharing.join) {
      yield* this.#keeping(asked, options)
      return
    }
    const underWay = this.#streams.get(asked.key)
    const shared = underWay ?? this.#startStream(asked, options)
    for await (const event of shared.read(signal)) {
      if (underWay === undefined || event.type !== 'answered') yield event
      else yield await this.#asReused(input, event.answered)
    }
  }

  /** The kept answer to an equal request or, where its similarity allows it, to a similar one. */
  async #give(asked: AskedRequest): Promise<AnsweredTask | null> {
    const { kept, near, input } = asked
    if (kept !== null) return this.#reuse(input, { answered: kept, from: 'cache' })
    if (near === null || !near.near.decision.isOpen) return null
    const { similarity, audited, decision } = near.near
    const resemblance = { similarity, audited, auditProbability: decision.probability }
    const reuse = { answered: near.kept, from: 'semantic' as const, resemblance }
    const given = await this.#reuse(input, reuse)
    if (audited) this.#parts.semantic?.follow(this.#audit(asked, given))
    return given
  }

  /** An answer was made: it is kept, and compared with the one that was not given. */
  #noteMade(asked: AskedRequest, answered: AnsweredTask, epoch: number): void {
    if (asked.sharing.keep) this.#keep(asked, answered, epoch)
    if (asked.near === null) return
    const { input } = asked
    this.#parts.semantic?.check({ ...asked.near, input, made: answered, hit: null })
  }

  /** What would have been answered, beside what was given. */
  async #audit(asked: AskedRequest, hit: AnsweredTask): Promise<void> {
    const { village, cache, semantic, signal = new AbortController().signal } = this.#parts
    const { near, input } = asked
    const { epoch } = cache
    const made = await askForItself(village, input, { ownPurpose: 'cache-audit', signal })
    if (made === 'not-asked' || near === null) return
    if (made !== 'failed') this.#keep(asked, made, epoch)
    semantic?.check({ ...near, input, made: made === 'failed' ? null : made, hit })
  }

  #startStream(asked: AskedRequest, options: AnswerOptions): SharedStream<AnswerEvent> {
    const { key } = asked
    const stream: SharedStream<AnswerEvent> = new SharedStream(
      (signal) => this.#keeping(asked, { ...options, signal }),
      {
        sizeOf: sizeOfEvent,
        isLast: (event) => event.type === 'answered',
        maxBehind: this.#parts.settings.maxSharedBytes,
        onClosed: () => {
          if (this.#streams.get(key) === stream) this.#streams.delete(key)
        },
      },
    )
    this.#streams.set(key, stream)
    return stream
  }

  /** The village's own stream; what it answered is kept once it is whole. */
  async *#keeping(asked: AskedRequest, options: AnswerOptions): AsyncGenerator<AnswerEvent> {
    const { epoch } = this.#parts.cache
    for await (const event of this.#parts.village.stream(asked.input, options)) {
      if (event.type === 'answered') this.#noteMade(asked, event.answered, epoch)
      yield event
    }
  }

  async #wholeOf(
    stream: SharedStream<AnswerEvent>,
    input: AnswerInput,
    signal: AbortSignal,
  ): Promise<AnsweredTask> {
    for await (const event of stream.read(signal)) {
      if (event.type === 'answered') {
        return this.#reuse(input, { answered: event.answered, from: 'flight' })
      }
    }
    throw new Error('The shared answer stream ended without its answer')
  }

  async #asReused(input: AnswerInput, answered: AnsweredTask): Promise<AnswerEvent> {
    return { type: 'answered', answered: await this.#reuse(input, { answered, from: 'flight' }) }
  }

  #reuse(input: AnswerInput, reuse: Reuse): Promise<AnsweredTask> {
    return this.#parts.village.reuse(input, reuse)
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

function sizeOfEvent(event: AnswerEvent): number {
  switch (event.type) {
    case 'text':
      return event.text.length * bytesPerCharacter
    case 'delta':
      return JSON.stringify(event.extra).length * bytesPerCharacter
    case 'choice':
      return JSON.stringify(event.choice).length * bytesPerCharacter
    case 'answered':
      return 0
  }
}
