import type { ChatMessage, ChatRequest, ContentPart } from '../kernel/chat.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import { costOfTokens, type NanoUsd } from '../kernel/money.ts'

/** Role, separators and template around one message, generously. */
const tokensAroundMessage = 16
/** What the costliest vision models count for one picture at full detail, rounded up. */
const mostTokensOfImage = 6_000
const charactersPerToken = 4

/**
 * What a call may cost at most by its model's list price. A token of a byte-level vocabulary covers
 * at least one byte, so the bytes bound the tokens of any text. Plugins and searches that the
 * provider bills apart are not in the price list and not in the bound.
 */
export function mostCostOf(request: ChatRequest, model: ModelDescription): NanoUsd {
  const { price, contextLength } = model
  if (price.prompt === 0 && price.completion === 0) return 0 as NanoUsd
  const prompt = Math.min(mostPromptTokens(request, contextLength), contextLength)
  const completion = mostCompletionTokens(request, model)
  return costOfTokens({ prompt, completion: completion * choicesOf(request) }, price)
}

/** What an answer that was left behind has cost by then: its prompt, and the text that had come. */
export function costSoFar(
  request: ChatRequest,
  model: ModelDescription,
  arrived: { readonly characters: number; readonly deltas: number },
): { readonly promptTokens: number; readonly completionTokens: number; readonly cost: NanoUsd } {
  const bytes = mostPromptTokens(request, model.contextLength)
  const promptTokens = Math.ceil(bytes / charactersPerToken)
  const completionTokens = Math.max(
    Math.ceil(arrived.characters / charactersPerToken),
    arrived.deltas,
  )
  const tokens = { prompt: promptTokens, completion: completionTokens }
  return { promptTokens, completionTokens, cost: costOfTokens(tokens, model.price) }
}

function mostCompletionTokens(request: ChatRequest, model: ModelDescription): number {
  const mostOfModel = model.maxCompletionTokens ?? model.contextLength
  return Math.min(request.sampling.maxTokens ?? mostOfModel, model.contextLength)
}

function choicesOf(request: ChatRequest): number {
  const n = request.extra?.['n']
  return typeof n === 'number' && n > 1 ? n : 1
}

function mostPromptTokens(request: ChatRequest, contextLength: number): number {
  let tokens = tokensAroundMessage
  for (const message of request.messages) tokens += tokensOfMessage(message, contextLength)
  // Tools and schemas stand among the fields that are passed through.
  if (request.extra !== undefined) tokens += bytesOfJson(request.extra)
  return tokens
}

function tokensOfMessage(message: ChatMessage, contextLength: number): number {
  let tokens = tokensAroundMessage
  if (message.extra !== undefined) tokens += bytesOfJson(message.extra)
  const { content } = message
  if (content === null) return tokens
  if (typeof content === 'string') return tokens + Buffer.byteLength(content)
  for (const part of content) tokens += tokensOfPart(part, contextLength)
  return tokens
}

/** Sound, films and files may hold anything: only the context bounds them. */
function tokensOfPart(part: ContentPart, contextLength: number): number {
  if (part.type === 'text' && typeof part['text'] === 'string') {
    return Buffer.byteLength(part['text'])
  }
  return part.type === 'image_url' ? mostTokensOfImage : contextLength
}

function bytesOfJson(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
