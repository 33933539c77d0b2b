import type { ChatUsage } from './chat.ts'
import type { JsonObject } from './json.ts'
import type { CallOptions, ModelPrice } from './model-adapter.ts'

export type EmbeddingsRequest = {
  readonly model: string
  /** The other fields of the wire (input, dimensions …), passed on as they are. */
  readonly fields: JsonObject
}

export type EmbeddingsAnswer = {
  /** Vectors as the provider sent them: lists of numbers, or float32 in base64. */
  readonly data: readonly Embedding[]
  readonly usage: ChatUsage
  readonly model: string
  readonly generationId?: string
  readonly latencyMs: number
  readonly retries: number
}

export type Embedding = {
  readonly index: number
  readonly embedding: string | readonly number[]
}

/** Turns texts into vectors. Failures are `ModelCallError`; an abort rejects with its reason. */
export type EmbeddingModels = {
  embed(request: EmbeddingsRequest, options: CallOptions): Promise<EmbeddingsAnswer>
  /** A careful guess for a model whose price is not known. */
  embeddingPrice(model: string, signal: AbortSignal): Promise<ModelPrice>
}
