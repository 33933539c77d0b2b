import type { JsonObject, JsonValue } from './json.ts'
import type { NanoUsd } from './money.ts'

type ChatRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

/** A part that is not text (image, audio, file, tool call) keeps the provider's own shape. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: string; readonly [key: string]: JsonValue }

export type ChatMessage = {
  readonly role: ChatRole
  readonly content: string | readonly ContentPart[] | null
  /** Fields of the wire that we do not read: name, tool_calls, tool_call_id … */
  readonly extra?: JsonObject
}

/** Undefined fields are left to the agent's or the model's defaults. */
export type Sampling = {
  readonly temperature?: number
  readonly topP?: number
  readonly maxTokens?: number
  readonly stop?: readonly string[]
  readonly seed?: number
}

/** One request in the village's own shape; every wire format is translated to it once. */
export type ChatRequest = {
  readonly messages: readonly ChatMessage[]
  readonly sampling: Sampling
  /** Fields of the wire that we pass through to a frontier provider untouched. */
  readonly extra?: JsonObject
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error'

export type ChatUsage = {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedPromptTokens: number
  readonly reasoningTokens: number
  /** As the provider reports it; local answers cost nothing here. */
  readonly cost: NanoUsd
}

export const noUsage: ChatUsage = {
  promptTokens: 0,
  completionTokens: 0,
  cachedPromptTokens: 0,
  reasoningTokens: 0,
  cost: 0 as NanoUsd,
}

/** What a provider's reply held that the village does not read, kept as it came for the client. */
export type UnreadAnswer = {
  /** Fields of the first choice beside its message and finish reason: logprobs … */
  readonly choice?: JsonObject
  /** The choices after the first, whole, where more than one was asked for. */
  readonly otherChoices?: readonly JsonObject[]
  /** Fields of the reply beside its id, model, choices and usage: system_fingerprint … */
  readonly reply?: JsonObject
  /** The usage, whole. */
  readonly usage?: JsonObject
}

/** How sure a model was of tokens that it chose. Stays in the village: no client is told. */
export type TokenConfidence = {
  readonly tokens: number
  /** Natural logarithms, ≤ 0: the sum over the tokens, and the one it was least sure of. */
  readonly logProbability: number
  readonly leastLogProbability: number
}

/** A whole answer of one model call. */
export type ModelAnswer = {
  readonly text: string
  readonly finishReason: FinishReason
  readonly usage: ChatUsage
  /** The model that answered and is billed; may differ from the one asked (fallbacks). */
  readonly model: string
  /** The provider's id of this generation, where it gives one. */
  readonly generationId?: string
  readonly latencyMs: number
  readonly retries: number
  /** Mean log-probability per token of a local answer, ≤ 0; undefined where unknown. */
  readonly meanLogProbability?: number
  /** The same of the token that it was least sure of. */
  readonly leastLogProbability?: number
  /** Hash of the adapter weights that gave a local answer; null for the bare base. */
  readonly checkpoint?: string | null
  /** Fields of the assistant message that we do not read: tool_calls, annotations … */
  readonly extra?: JsonObject
  readonly unread?: UnreadAnswer
}

/** A streamed answer: text deltas, then exactly one finish with the whole answer. */
export type ChatEvent =
  | {
      readonly type: 'text'
      readonly text: string
      /** The provider's log-probabilities of this text, where they were asked for. */
      readonly logprobs?: JsonValue
      /** Of a local model, for the tokens of this text. */
      readonly confidence?: TokenConfidence
    }
  | { readonly type: 'delta'; readonly extra: JsonObject }
  /** A piece of a choice after the first, as the provider wrote it. */
  | { readonly type: 'choice'; readonly choice: JsonObject }
  | { readonly type: 'finish'; readonly answer: ModelAnswer }

/** The plain text of a message; parts that are not text are left out. */
export function textOfMessage(message: ChatMessage): string {
  if (message.content === null) return ''
  if (typeof message.content === 'string') return message.content
  return message.content
    .map((part) => (part.type === 'text' && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('')
}

/** The text of the last user message: what the task is about. */
export function lastUserText(messages: readonly ChatMessage[]): string {
  const message = messages.findLast((candidate) => candidate.role === 'user')
  return message === undefined ? '' : textOfMessage(message)
}
