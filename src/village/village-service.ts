import type { AgentName } from '../kernel/agent-name.ts'
import type { ApiKey } from '../kernel/api-key.ts'
import type { CacheWish } from '../kernel/cached-answer.ts'
import type { ChatEvent, ChatRequest, ModelAnswer } from '../kernel/chat.ts'
import type { Feedback } from '../kernel/comparison.ts'
import type { Decision } from '../kernel/decision.ts'
import type { EmbeddingsAnswer, EmbeddingsRequest } from '../kernel/embeddings.ts'
import type { Interaction, OwnPurpose } from '../kernel/interaction.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import type { BandSummary } from './sharing/similarity-bands.ts'

export type AnswerInput = {
  readonly request: ChatRequest
  /** `village`, `village/king|sage|magi`, a frontier slug, or `local/<name>`. */
  readonly requestedModel: string
  readonly verifier?: TaskVerifier
  readonly streamed: boolean
  /** Models to try in order when the one above fails: slugs of the frontier or `local/<name>`. */
  readonly fallbackModels?: readonly string[]
  /** The id that the decision gets, so that a client can be told it before there is a decision. */
  readonly decisionId?: string
  /** Whose request it is: nothing is ever shared between two tenants, or without one. */
  readonly tenant?: string
  readonly cache?: CacheWish
}

/** A whole answer with the decision that led to it; the interaction is committed already. */
export type AnsweredTask = {
  readonly answer: ModelAnswer
  readonly decision: Decision
}

/** Deltas as they come; `answered` is last and is yielded only once the ledger has it. */
export type AnswerEvent =
  | Exclude<ChatEvent, { readonly type: 'finish' }>
  | { readonly type: 'answered'; readonly answered: AnsweredTask }

export type EmbedInput = EmbeddingsRequest & { readonly decisionId?: string }

export type EmbeddedTexts = {
  readonly answer: EmbeddingsAnswer
  readonly decision: Decision
}

/** One answer as the ledger has it. */
export type Generation = { readonly decision: Decision; readonly interaction: Interaction }

export type FeedbackInput = {
  readonly decisionId: string
  readonly rating: 1 | -1
  readonly correction?: string
  readonly comment?: string
}

export type AnswerOptions = {
  readonly signal: AbortSignal
  /** The key that asks and pays; without one the village asks itself (demo, simulation). */
  readonly caller?: ApiKey
  /** Set when the village asks itself and no client gets the answer. */
  readonly ownPurpose?: OwnPurpose
}

/** What the routes call. Failures are `VillageError`s; the HTTP status is decided by the routes. */
export type VillageService = {
  answer(input: AnswerInput, options: AnswerOptions): Promise<AnsweredTask>
  stream(input: AnswerInput, options: AnswerOptions): AsyncIterable<AnswerEvent>
  /** Vectors come from the frontier; committed before they are given, as answers are. */
  embed(input: EmbedInput, options: AnswerOptions): Promise<EmbeddedTexts>
  models(signal: AbortSignal): Promise<readonly VillageModel[]>
  /** Throws `UnknownModelError` that names close names. */
  model(id: string, signal: AbortSignal): Promise<VillageModel>
  /** Null when there is no such decision. */
  generation(decisionId: string): Promise<Generation | null>
  /** Throws `InvalidRequestError` when there is no such decision. */
  recordFeedback(input: FeedbackInput): Promise<Feedback>
  /** The key's record, or null when it is unknown, expired or revoked. */
  authenticate(key: string): Promise<ApiKey | null>
}

/** Which kept answers to forget: those for which every given condition holds. */
export type ForgetInput = {
  readonly decisionId?: string
  /** As the requests named it. */
  readonly model?: string
  readonly agent?: AgentName
  readonly olderThanMs?: number
}

export type KeptAnswers = {
  /** Returns how many answers of the tenant were forgotten. */
  forgetAnswers(tenant: string, what: ForgetInput): Promise<number>
  /** How the tenant's bands of similarity stand; null where only equal requests get kept answers. */
  similarityBands(tenant: string): Promise<readonly BandSummary[] | null>
}

/** A name that a client may use as `model`. */
export type VillageModel = {
  readonly id: string
  readonly agent: AgentName | null
  readonly description: ModelDescription | null
}
