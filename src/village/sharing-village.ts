import type { CachedAnswer } from '../kernel/cached-answer.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Decision } from '../kernel/decision.ts'
import type { AnswerCache } from '../serving/answer-cache.ts'
import { SharedCalls } from '../serving/shared-calls.ts'
import { SharedStream } from '../serving/shared-stream.ts'
import { isWorthKeeping, sharingOf } from './answer-sharing.ts'
import type { Sharing, SharingSettings } from './answer-sharing.ts'
import { requestKey } from './request-key.ts'
import { resolveModel } from './resolve-model.ts'
import { eventsOf } from './reused-answer.ts'
import type { Reuse } from './reused-answer.ts'
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
  readonly settings: SharingSettings & {
    readonly timeToLiveSeconds: number
    /** Of an answer that is being streamed to several clients. */
    readonly maxSharedBytes: number
  }
}

type AskedStream = {
  readonly key: string
  readonly input: AnswerInput
  readonly sharing: Sharing
}

/**
 * A village that answers equal requests of one tenant once: from the cache when the answer is
 * known, and together when they are under way at once. Everything else goes straight through.
 */
export class SharingVillage implements VillageService, KeptAnswers {
  readonly #parts: SharingVillageParts
  readonly #calls = new SharedCalls<AnsweredTask>()
  readonly #streams = new Map<string, SharedStream<AnswerEvent>>()
  #answering = 0

  constructor(parts: SharingVillageParts) {
    this.#parts = parts
  }

  /** Requests of clients now under way. */
  get answering(): number {
    return this.#answering
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
    const key = requestKey(input, sharing.tenant, this.#parts.origin)
    const kept = sharing.read ? await this.#find(key, input) : null
    if (kept !== null) return this.#reuse(input, { answered: kept, from: 'cache' })
    const underWay = sharing.join ? this.#streams.get(key) : undefined
    if (underWay !== undefined) return this.#wholeOf(underWay, input, signal)
    const call = async (callSignal: AbortSignal): Promise<AnsweredTask> => {
      const { epoch } = this.#parts.cache
      const answered = await this.#parts.village.answer(input, { ...options, signal: callSignal })
      if (sharing.keep) this.#keep({ key, epoch, input, sharing, answered })
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
    const key = requestKey(input, sharing.tenant, this.#parts.origin)
    const kept = sharing.read ? await this.#find(key, input) : null
    if (kept !== null) {
      yield* eventsOf(await this.#reuse(input, { answered: kept, from: 'cache' }))
      return
    }
    if (!sharing.join) {
      yield* this.#keeping({ key, input, sharing }, options)
      return
    }
    const underWay = this.#streams.get(key)
    const shared = underWay ?? this.#startStream({ key, input, sharing }, options)
    for await (const event of shared.read(signal)) {
      if (underWay === undefined || event.type !== 'answered') yield event
      else yield await this.#asReused(input, event.answered)
    }
  }

  #startStream(asked: AskedStream, options: AnswerOptions): SharedStream<AnswerEvent> {
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
  async *#keeping(
    { key, input, sharing }: AskedStream,
    options: AnswerOptions,
  ): AsyncGenerator<AnswerEvent> {
    const { epoch } = this.#parts.cache
    for await (const event of this.#parts.village.stream(input, options)) {
      if (event.type === 'answered' && sharing.keep) {
        this.#keep({ key, epoch, input, sharing, answered: event.answered })
      }
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

  async #find(key: string, input: AnswerInput): Promise<CachedAnswer | null> {
    const { cache, clock } = this.#parts
    const kept = await cache.find(key)
    const maxAgeMs = input.cache?.maxAgeMs
    if (kept === null || maxAgeMs === undefined) return kept
    return clock.now() - kept.head.storedAtMs <= maxAgeMs ? kept : null
  }

  #keep(made: {
    readonly key: string
    readonly epoch: number
    readonly input: AnswerInput
    readonly sharing: Sharing
    readonly answered: AnsweredTask
  }): void {
    const { answer, decision } = made.answered
    if (!isWorthKeeping(answer, made.sharing.asked)) return
    const { cache, clock, settings } = this.#parts
    const requested = resolveModel(made.input.requestedModel)
    const named = requested.type === 'local' ? requested.name : null
    const storedAtMs = clock.now()
    const head = {
      key: made.key,
      tenant: made.sharing.tenant,
      requestedModel: made.input.requestedModel,
      agent: decision.agent,
      localAgent: decision.route === 'local' ? (decision.agent ?? named) : null,
      checkpoint: decision.checkpoint,
      decisionId: decision.id,
      sizeBytes: sizeInMemory(
        answer.text.length + JSON.stringify([answer.extra, answer.unread, decision]).length,
      ),
      storedAtMs,
      expiresAtMs: storedAtMs + settings.timeToLiveSeconds * 1000,
    }
    cache.put({ head, answer, decision }, made.epoch)
  }
}

const bytesPerCharacter = 2
/** What an entry takes beside its texts. */
const entryOverheadBytes = 1_000

function sizeInMemory(characters: number): number {
  return characters * bytesPerCharacter + entryOverheadBytes
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
