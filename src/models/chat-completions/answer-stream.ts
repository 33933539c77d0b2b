import { createParser } from 'eventsource-parser'
import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { createEventQueue } from '../event-queue.ts'
import { sendRequest, type Endpoint, type HttpRequest } from './exchange.ts'
import {
  failureOfConnection,
  failureOfProtocol,
  failureOfReply,
  failureOfWireError,
} from './failure.ts'
import { extraOfMessage, mergeExtra } from './message-extra.ts'
import { isOrdinaryChunk } from './ordinary-shape.ts'
import { createUnreadCollector } from './unread-collector.ts'
import { estimatedUsage, finishReasonFromWire, usageFromWire } from './usage.ts'
import { eventsOfWholeAnswer } from './whole-answer-events.ts'
import { answerFromReply, charactersOf, type AnswerContext } from './whole-answer.ts'
import { ChatChunk, type ChunkChoice, type WireUsage } from './wire.ts'

/** Events that may wait for a slow consumer before the provider's socket is paused. */
const mostWaitingEvents = 256

/** One attempt at a streamed answer, in batches of events; the last event is the finish. */
export async function* streamAnswer(
  endpoint: Endpoint,
  request: HttpRequest,
  context: Omit<AnswerContext, 'latencyMs'> & { readonly elapsedMs: () => number },
  signal: AbortSignal,
): AsyncGenerator<readonly ChatEvent[], void, undefined> {
  signal.throwIfAborted()
  const queue = createEventQueue<ChatEvent>()
  const reader = createStreamReader(context, queue)
  let paused = false
  const onAbort = (): void => {
    exchange.abandon(signal.reason as Error)
    queue.fail(signal.reason as Error)
  }
  const exchange = sendRequest(endpoint, request, {
    ...reader,
    onData: (chunk) => {
      reader.onData(chunk)
      if (queue.size() < mostWaitingEvents) return
      paused = true
      exchange.pause()
    },
  })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      const batch = await queue.take()
      if (batch === undefined) return
      if (signal.aborted) throw signal.reason
      if (paused) {
        paused = false
        exchange.resume()
      }
      yield batch
      if (signal.aborted) throw signal.reason
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!reader.settled()) exchange.abandon(new Error('The reader of the stream left'))
  }
}

type StreamContext = Omit<AnswerContext, 'latencyMs'> & { readonly elapsedMs: () => number }

/** Turns the bytes of a reply into events: server-sent events, or a JSON reply in their place. */
function createStreamReader(
  context: StreamContext,
  queue: { push(event: ChatEvent): void; end(): void; fail(error: Error): void },
) {
  const { failure, price } = context
  const decoder = new TextDecoder()
  let status = 0
  let retryAfter: string | undefined
  /** The body of a reply that is no stream: an error, or a whole answer. */
  let body: string | undefined
  let text = ''
  let extra: JsonObject | undefined
  let model = failure.model
  let generationId: string | undefined
  let reason: string | undefined
  let usage: WireUsage | undefined
  const unread = createUnreadCollector()
  let delivered = false
  let settled = false

  const push = (event: ChatEvent): void => {
    delivered = true
    queue.push(event)
  }
  const fail = (error: Error): void => {
    if (settled) return
    settled = true
    queue.fail(error)
  }
  const finish = (): void => {
    if (settled) return
    if (reason === undefined) {
      fail(failureOfProtocol('ended the stream before the answer was whole', failure, delivered))
      return
    }
    settled = true
    const kept = unread.whole(usage)
    const answer: ModelAnswer = {
      text,
      finishReason: finishReasonFromWire(reason),
      usage:
        usage === undefined
          ? estimatedUsage(charactersOf(context.request, text), price)
          : usageFromWire(usage, price),
      model,
      ...(generationId !== undefined && { generationId }),
      latencyMs: context.elapsedMs(),
      retries: context.retries,
      ...(extra !== undefined && { extra }),
      ...(kept !== undefined && { unread: kept }),
    }
    queue.push({ type: 'finish', answer })
    queue.end()
  }
  const readChunk = (chunk: ChatChunk): void => {
    const choices = chunk.choices ?? []
    const error = chunk.error ?? choices.find((choice) => choice.error)?.error
    if (error) {
      fail(failureOfWireError(error, failure, { midStream: delivered }))
      return
    }
    if (chunk.model !== undefined && !context.keepsName) model = chunk.model
    if (chunk.id !== undefined) generationId = chunk.id
    if (chunk.usage) usage = chunk.usage
    unread.addChunk(chunk)
    for (const choice of choices) {
      if ((choice.index ?? 0) === 0) readFirstChoice(choice)
      else push({ type: 'choice', choice: unread.addOtherChoice(choice) })
      if (settled) return
    }
  }
  const readFirstChoice = (choice: ChunkChoice): void => {
    const logprobs = unread.addFirstChoice(choice)
    if (choice.delta) {
      const deltaExtra = extraOfMessage(choice.delta)
      if (deltaExtra !== undefined) {
        extra = mergeExtra(extra, deltaExtra)
        push({ type: 'delta', extra: deltaExtra })
      }
      const content = choice.delta.content ?? ''
      if (content !== '' || logprobs !== undefined) {
        text += content
        push({ type: 'text', text: content, ...(logprobs !== undefined && { logprobs }) })
      }
    }
    if (!choice.finish_reason) return
    if (choice.finish_reason === 'error') {
      fail(failureOfProtocol('ended with an error', failure, delivered))
    } else reason = choice.finish_reason
  }
  const parser = createParser({
    onEvent: ({ data }) => {
      if (settled) return
      if (data === '[DONE]') {
        finish()
        return
      }
      const sent = parseJson(data)
      const chunk = isOrdinaryChunk(sent) ? sent : ChatChunk.safeParse(sent).data
      if (chunk !== undefined) readChunk(chunk)
      else fail(failureOfProtocol('sent a chunk that cannot be read', failure, delivered))
    },
  })

  return {
    onStart: (replyStatus: number, headers: Readonly<Record<string, unknown>>): void => {
      status = replyStatus
      retryAfter = headers['retry-after'] as string | undefined
      const isStream = String(headers['content-type']).startsWith('text/event-stream')
      if (status !== 200 || !isStream) body = ''
    },
    onData: (chunk: Buffer): void => {
      const piece = decoder.decode(chunk, { stream: true })
      if (body === undefined) parser.feed(piece)
      else body += piece
    },
    onEnd: (): void => {
      if (body === undefined) {
        finish()
        return
      }
      const reply = { status, retryAfter, text: body }
      if (status !== 200) {
        fail(failureOfReply(reply, failure))
        return
      }
      try {
        const answer = answerFromReply(reply, { ...context, latencyMs: context.elapsedMs() })
        settled = true
        for (const event of eventsOfWholeAnswer(answer)) queue.push(event)
        queue.push({ type: 'finish', answer })
        queue.end()
      } catch (error) {
        fail(error as Error)
      }
    },
    onError: (error: Error): void => fail(failureOfConnection(error, failure, delivered)),
    settled: () => settled,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
