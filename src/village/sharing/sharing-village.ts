import type { Clock } from '../../kernel/clock.ts'
import { SharedCalls } from '../../serving/shared-calls.ts'
import { SharedStream } from '../../serving/shared-stream.ts'
import type { AnswerKeeper } from './answer-keeper.ts'
import { sharingOf } from './answer-sharing.ts'
import type { Sharing, SharingSettings } from './answer-sharing.ts'
import { bytesPerCharacter } from './kept-answer.ts'
import type { AskedRequest } from './look-up.ts'
import { eventsOf } from './reused-answer.ts'
import type { Reuse } from './reused-answer.ts'
import type { BandSummary } from './similarity-bands.ts'
import type {
  AnsweredTask,
  AnswerEvent,
  AnswerInput,
  AnswerOptions,
  ForgetInput,
  KeptAnswers,
  VillageService,
} from '../village-service.ts'

type Village = VillageService & {
  /** Throws when the village does not take this request from this caller. */
  requireAcceptable(input: AnswerInput, options: AnswerOptions): void
  /** Gives an answer again under a decision of its own. */
  reuse(input: AnswerInput, reuse: Reuse): Promise<AnsweredTask>
}

export type SharingVillageParts = {
  readonly village: Village
  readonly keeper: AnswerKeeper
  readonly clock: Clock
  readonly settings: SharingSettings & {
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
  #answering = 0
  #lastAnsweredAtMs = -Infinity

  constructor(parts: SharingVillageParts) {
    this.#parts = parts
  }

  /** Requests of clients now under way. */
  get answering(): number {
    return this.#answering
  }

  /** For how long no request of a client has been under way; 0 while one is. */
  get idleMs(): number {
    return this.#answering > 0 ? 0 : this.#parts.clock.now() - this.#lastAnsweredAtMs
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

  forgetAnswers(tenant: string, what: ForgetInput): Promise<number> {
    return this.#parts.keeper.forget(tenant, what)
  }

  similarityBands(tenant: string): Promise<readonly BandSummary[] | null> {
    return this.#parts.keeper.bandsOf(tenant)
  }

  async answer(input: AnswerInput, options: AnswerOptions): Promise<AnsweredTask> {
    this.#answering += 1
    try {
      const sharing = sharingOf(input, this.#parts.settings)
      return sharing === null
        ? await this.#parts.village.answer(input, options)
        : await this.#answerShared(input, sharing, options)
    } finally {
      this.#noteAnswered()
    }
  }

  async *stream(input: AnswerInput, options: AnswerOptions): AsyncGenerator<AnswerEvent> {
    this.#answering += 1
    try {
      const sharing = sharingOf(input, this.#parts.settings)
      if (sharing === null) yield* this.#parts.village.stream(input, options)
      else yield* this.#streamShared(input, sharing, options)
    } finally {
      this.#noteAnswered()
    }
  }

  async #answerShared(
    input: AnswerInput,
    sharing: Sharing,
    options: AnswerOptions,
  ): Promise<AnsweredTask> {
    const { village, keeper } = this.#parts
    village.requireAcceptable(input, options)
    const { signal } = options
    const asked = await keeper.lookUp(input, sharing)
    const given = await keeper.give(asked)
    if (given !== null) return given
    const { key } = asked
    const underWay = sharing.join ? this.#streams.get(key) : undefined
    if (underWay !== undefined) return this.#wholeOf(underWay, input, signal)
    const call = async (callSignal: AbortSignal): Promise<AnsweredTask> => {
      const { epoch } = keeper
      const answered = await village.answer(input, { ...options, signal: callSignal })
      keeper.noteMade(asked, answered, epoch)
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
    const { village, keeper } = this.#parts
    village.requireAcceptable(input, options)
    const { signal } = options
    const asked = await keeper.lookUp(input, sharing)
    const given = await keeper.give(asked)
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

  #noteAnswered(): void {
    this.#answering -= 1
    this.#lastAnsweredAtMs = this.#parts.clock.now()
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
    const { village, keeper } = this.#parts
    const { epoch } = keeper
    for await (const event of village.stream(asked.input, options)) {
      if (event.type === 'answered') keeper.noteMade(asked, event.answered, epoch)
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
