import type { ChatEvent, ChatRequest, ModelAnswer } from './chat.ts'
import type { JsonObject } from './json.ts'
import type { PicoUsdPerToken } from './money.ts'

/** May answers of this model be trained on? `granted` is the operator's own statement. */
export type Distillable = 'yes' | 'no' | 'granted'

export type ModelPrice = {
  readonly prompt: PicoUsdPerToken
  readonly completion: PicoUsdPerToken
}

export type ModelDescription = {
  /** The name clients use: a provider's slug, or `local/<name>`. */
  readonly id: string
  readonly kind: 'frontier' | 'local'
  readonly contextLength: number
  readonly maxCompletionTokens?: number
  readonly price: ModelPrice
  readonly distillable: Distillable
  readonly supportedParameters: readonly string[]
  readonly inputModalities: readonly string[]
  /** Text where it is left out. */
  readonly outputModalities?: readonly string[]
  /** The provider's own name for people; the id stands in. */
  readonly name?: string
  /** Sampling that the provider recommends for this model, in its own fields. */
  readonly defaultParameters?: JsonObject
  readonly createdAtMs?: number
  /** True when answers come from the simulation; shown wherever the model is. */
  readonly simulated: boolean
}

export type CallOptions = {
  readonly signal: AbortSignal
  /** An adapter that holds a call back sets `sent` to false meanwhile: such a call has cost nothing. */
  readonly progress?: { sent: boolean } | undefined
}

/**
 * One interface for every model. Every implementation passes `src/models/contract.ts`.
 * Failures are `ModelCallError`; an abort rejects with the signal's reason.
 */
export type ModelAdapter = {
  readonly description: ModelDescription
  /**
   * Of a local model: why it cannot keep to a response format of the wire, as the end of the sentence
   * "the local model cannot …"; null where it can. It keeps to none where this is left out.
   */
  readonly formatProblem?: (format: JsonObject) => string | null
  answer(request: ChatRequest, options: CallOptions): Promise<ModelAnswer>
  /** Yields text as it arrives and ends with one `finish`; throws `ModelCallError` in mid-stream. */
  stream(request: ChatRequest, options: CallOptions): AsyncIterable<ChatEvent>
}

/** The models list of a provider, with prices and the right to train. */
export type ModelCatalogue = {
  list(signal: AbortSignal): Promise<readonly ModelDescription[]>
  /** Throws `UnknownModelError` that names close slugs. */
  adapter(id: string, signal: AbortSignal): Promise<ModelAdapter>
  /** The adapter where it can be had without waiting; undefined does not say that there is none. */
  adapterAtHand?(id: string): ModelAdapter | undefined
}

/**
 * The local model of each agent: one base, one adapter of weights (LoRA) per agent.
 * `base` names the student without any adapter.
 */
export type LocalModels = {
  readonly baseHash: string
  /** The adapter now serving the agent, or the base when nothing was promoted yet. */
  forAgent(agent: string): ModelAdapter
  /** Loads weights beside the serving ones, for evaluation; dispose with `release`. */
  load(weights: LocalWeights): Promise<LoadedWeights>
  /** Swaps what serves the agent; requests under way finish on the old weights. Null is the base. */
  serve(agent: string, weights: LocalWeights | null): Promise<void>
  /** Requests now running and waiting, for "is there room for a shadow run". */
  workload(): { readonly running: number; readonly waiting: number; readonly sequences: number }
  close(): Promise<void>
}

export type LocalWeights = {
  /** The content hash of the adapter file. */
  readonly hash: string
  readonly path: string
}

type LoadedWeights = {
  readonly adapter: ModelAdapter
  release(): Promise<void>
}
