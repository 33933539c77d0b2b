import type { FinishReason, ModelAnswer } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import type { AnsweredTask } from '../village/village-service.ts'
import type { AnswerPiece } from './answer-pieces.ts'
import { piecesOfAnswer } from './answer-pieces.ts'
import type { AnswerHead } from './chat-wire.ts'
import { villageBlock } from './village-block.ts'

/** A whole answer in the shape of Anthropic's Messages, with the `village` block. */
export function wholeMessage({ answer, decision }: AnsweredTask, head: AnswerHead): object {
  return {
    ...emptyMessage(head, answer.model),
    content: piecesOfAnswer(answer).map((piece) => blockOf(piece, head)),
    ...stopOf(answer),
    usage: messageUsage(answer),
    village: villageBlock(decision),
  }
}

export function emptyMessage(head: AnswerHead, model: string) {
  return {
    id: head.id,
    type: 'message',
    role: 'assistant',
    model,
    content: [] as readonly JsonObject[],
    container: null,
    stop_reason: null as string | null,
    stop_sequence: null as string | null,
    stop_details: null,
  }
}

/** One block of the content, begun (with an empty text) or whole. */
export function blockOf(piece: AnswerPiece, head: AnswerHead): JsonObject {
  switch (piece.kind) {
    case 'reasoning':
      return { type: 'thinking', thinking: piece.text, signature: piece.signature ?? '' }
    case 'encrypted':
      return { type: 'redacted_thinking', data: piece.data }
    case 'text':
    case 'refusal':
      return { type: 'text', text: piece.text, citations: null }
    case 'tool':
      return {
        type: 'tool_use',
        id: toolId(piece, head),
        name: piece.name ?? '',
        input: inputOf(piece.arguments),
        caller: { type: 'direct' },
      }
  }
}

/** Providers that give a call no id leave it to us: the client's result must name one. */
function toolId(
  piece: { readonly id: string | null; readonly index: number },
  head: AnswerHead,
): string {
  return piece.id ?? `toolu_${head.id.slice(head.id.indexOf('_') + 1)}_${piece.index}`
}

/** A model that was cut off may have left arguments that are no JSON: they are shown as they are. */
function inputOf(argumentsText: string): JsonValue {
  if (argumentsText === '') return {}
  try {
    return JSON.parse(argumentsText) as JsonValue
  } catch {
    return { _unparsed_arguments: argumentsText }
  }
}

export function stopOf(answer: ModelAnswer): {
  readonly stop_reason: string
  readonly stop_sequence: string | null
} {
  const native = answer.unread?.choice?.['native_finish_reason']
  const sequence = answer.unread?.choice?.['stop_reason']
  if (answer.finishReason === 'stop' && native === 'stop_sequence') {
    return {
      stop_reason: 'stop_sequence',
      stop_sequence: typeof sequence === 'string' ? sequence : null,
    }
  }
  return { stop_reason: stopReason(answer.finishReason), stop_sequence: null }
}

function stopReason(reason: FinishReason): string {
  switch (reason) {
    case 'length':
      return 'max_tokens'
    case 'tool_calls':
      return 'tool_use'
    case 'content_filter':
      return 'refusal'
    case 'stop':
    case 'error':
      return 'end_turn'
  }
}

/** Anthropic counts tokens read from a cache, and written to it, beside `input_tokens`. */
export function messageUsage({ usage, unread }: Pick<ModelAnswer, 'usage' | 'unread'>): JsonObject {
  const details = unread?.usage?.['prompt_tokens_details'] as JsonObject | undefined
  const written = details?.['cache_write_tokens']
  const cacheWrites = typeof written === 'number' ? written : 0
  const fresh = usage.promptTokens - usage.cachedPromptTokens - cacheWrites
  return {
    input_tokens: Math.max(0, fresh),
    output_tokens: usage.completionTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    cache_read_input_tokens: usage.cachedPromptTokens,
    cache_creation_input_tokens: cacheWrites,
    cache_creation: null,
    inference_geo: null,
    server_tool_use: null,
    service_tier: null,
    cost: usdFromNanoUsd(usage.cost),
  }
}
