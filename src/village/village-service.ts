import type { AgentName } from '../kernel/agent-name.ts'
import type { ChatRequest, ModelAnswer } from '../kernel/chat.ts'
import type { Feedback } from '../kernel/comparison.ts'
import type { Decision } from '../kernel/decision.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import type { ApiKey } from '../kernel/stores.ts'
import type { TaskVerifier } from '../kernel/task.ts'

export type AnswerInput = {
  readonly request: ChatRequest
  /** `village`, `village/king|sage|magi`, a frontier slug, or `local/<name>`. */
  readonly requestedModel: string
  readonly verifier?: TaskVerifier
  readonly streamed: boolean
}

/** A whole answer with the decision that led to it; the interaction is committed already. */
export type AnsweredTask = {
  readonly answer: ModelAnswer
  readonly decision: Decision
}

/** Deltas as they come; `answered` is last and is yielded only once the ledger has it. */
export type AnswerEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'delta'; readonly extra: JsonObject }
  | { readonly type: 'answered'; readonly answered: AnsweredTask }

export type FeedbackInput = {
  readonly decisionId: string
  readonly rating: 1 | -1
  readonly correction?: string
  readonly comment?: string
}

/** What the routes call. Failures are `VillageError`s; the HTTP status is decided by the routes. */
export type VillageService = {
  answer(input: AnswerInput, options: { readonly signal: AbortSignal }): Promise<AnsweredTask>
  stream(input: AnswerInput, options: { readonly signal: AbortSignal }): AsyncIterable<AnswerEvent>
  models(signal: AbortSignal): Promise<readonly VillageModel[]>
  /** Throws `InvalidRequestError` when there is no such decision. */
  recordFeedback(input: FeedbackInput): Promise<Feedback>
  /** The key's record, or null when it is unknown or revoked. */
  authenticate(key: string): Promise<ApiKey | null>
}

/** A name that a client may use as `model`. */
export type VillageModel = {
  readonly id: string
  readonly agent: AgentName | null
  readonly description: ModelDescription | null
}
