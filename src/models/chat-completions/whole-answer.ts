import type { ChatRequest, ModelAnswer } from '../../kernel/chat.ts'
import { textOfMessage } from '../../kernel/chat.ts'
import type { ModelPrice } from '../../kernel/model-adapter.ts'
import type { WholeReply } from './exchange.ts'
import {
  failureOfProtocol,
  failureOfReply,
  failureOfWireError,
  type FailureContext,
} from './failure.ts'
import { extraOfMessage } from './message-extra.ts'
import { isOrdinaryReply } from './ordinary-shape.ts'
import { estimatedUsage, finishReasonFromWire, usageFromWire } from './usage.ts'
import { unreadOfReply } from './unread-answer.ts'
import { ChatReply, ErrorReply } from './wire.ts'

export type AnswerContext = {
  readonly request: ChatRequest
  readonly failure: FailureContext
  readonly price: ModelPrice
  /** True where the provider's own name for the model is not passed on. */
  readonly keepsName: boolean
  readonly latencyMs: number
  readonly retries: number
}

/** Throws `ModelCallError` for every reply that is not an answer, a 200 with an error among them. */
export function answerFromReply(whole: WholeReply, context: AnswerContext): ModelAnswer {
  if (whole.status !== 200) throw failureOfReply(whole, context.failure)
  const body = parseJson(whole.text, context.failure)
  const reply = isOrdinaryReply(body) ? body : ChatReply.safeParse(body).data
  const choice = reply?.choices[0]
  if (reply === undefined || choice === undefined) throw failureWithoutAnswer(body, context)
  if (choice.error) throw failureOfWireError(choice.error, context.failure)
  const text = choice.message.content ?? ''
  const extra = extraOfMessage(choice.message)
  const { finish_reason: reason } = choice
  if (reason === 'error') throw failureOfProtocol('ended with an error', context.failure)
  if (!reason && text === '' && extra === undefined) {
    throw failureOfProtocol('gave an empty answer', context.failure)
  }
  const { id, model, usage } = reply
  const unread = unreadOfReply(reply)
  return {
    text,
    finishReason: finishReasonFromWire(reason ?? 'stop'),
    usage: usage
      ? usageFromWire(usage, context.price)
      : estimatedUsage(charactersOf(context.request, text), context.price),
    model: (context.keepsName ? undefined : model) ?? context.failure.model,
    ...(id !== undefined && { generationId: id }),
    latencyMs: context.latencyMs,
    retries: context.retries,
    ...(extra !== undefined && { extra }),
    ...(unread !== undefined && { unread }),
  }
}

export function charactersOf(
  request: ChatRequest,
  completion: string,
): { readonly prompt: number; readonly completion: number } {
  let prompt = 0
  for (const message of request.messages) prompt += textOfMessage(message).length
  return { prompt, completion: completion.length }
}

function failureWithoutAnswer(body: unknown, context: AnswerContext): Error {
  const carried = ErrorReply.safeParse(body)
  return carried.success
    ? failureOfWireError(carried.data.error, context.failure)
    : failureOfProtocol('sent a reply without an answer in it', context.failure)
}

function parseJson(text: string, failure: FailureContext): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw failureOfProtocol('sent a reply that is not JSON', failure)
  }
}
