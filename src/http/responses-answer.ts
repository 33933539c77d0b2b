import type { ModelAnswer } from '../kernel/chat.ts'
import type { JsonObject } from '../kernel/json.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import type { AnsweredTask } from '../village/village-service.ts'
import { piecesOfAnswer } from './answer-pieces.ts'
import type { ApiError } from './api-error.ts'
import type { AnswerHead } from './chat-wire.ts'
import {
  addPiece,
  annotationsOf,
  beginItem,
  imageItems,
  keyOfPiece,
  wireItem,
  type OutputItem,
} from './responses-items.ts'
import type { AskedResponse } from './responses-request.ts'
import { villageBlock } from './village-block.ts'

/** A whole answer in the shape of OpenAI's Responses, with the `village` block. */
export function wholeResponse(
  answered: AnsweredTask,
  head: AnswerHead,
  asked: AskedResponse,
): JsonObject {
  const { answer } = answered
  const items = new Map<string, OutputItem>()
  for (const piece of piecesOfAnswer(answer)) {
    const key = keyOfPiece(piece)
    const item = items.get(key) ?? beginItem(piece, items.size, head.id)
    items.set(key, item)
    addPiece(item, piece)
  }
  const annotations = annotationsOf(answer)
  const output = [...items.values()].map((item) => wireItem(item, 'completed', annotations))
  return finishedResponse(answered, head, asked, [...output, ...imageItems(answer, head.id)])
}

/** The response before it has any output. */
export function begunResponse(head: AnswerHead, asked: AskedResponse): JsonObject {
  return {
    id: head.id,
    object: 'response',
    created_at: head.createdSeconds,
    completed_at: null,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model: asked.requestedModel,
    output: [],
    ...asked.echo,
  }
}

export function finishedResponse(
  { answer, decision }: AnsweredTask,
  head: AnswerHead,
  asked: AskedResponse,
  output: readonly JsonObject[],
): JsonObject {
  const reason = incompleteReason(answer)
  return {
    ...begunResponse(head, asked),
    completed_at: Math.floor(head.createdSeconds + answer.latencyMs / 1000),
    status: reason === null ? 'completed' : 'incomplete',
    incomplete_details: reason === null ? null : { reason },
    model: answer.model,
    output,
    usage: responseUsage(answer),
    village: { ...villageBlock(decision) },
  }
}

export function failedResponse(
  head: AnswerHead,
  asked: AskedResponse,
  output: readonly JsonObject[],
  error: ApiError,
): JsonObject {
  return {
    ...begunResponse(head, asked),
    status: 'failed',
    output,
    error: { code: codeOf(error), message: error.message },
  }
}

/** Responses have a closed set of codes; whatever is no limit is the server's failure. */
function codeOf(error: ApiError): string {
  return error.status === 429 ? 'rate_limit_exceeded' : 'server_error'
}

function incompleteReason(answer: ModelAnswer): string | null {
  switch (answer.finishReason) {
    case 'length':
      return 'max_output_tokens'
    case 'content_filter':
      return 'content_filter'
    case 'stop':
    case 'tool_calls':
    case 'error':
      return null
  }
}

function responseUsage({ usage }: ModelAnswer): JsonObject {
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedPromptTokens },
    output_tokens: usage.completionTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.promptTokens + usage.completionTokens,
    cost: usdFromNanoUsd(usage.cost),
  }
}
