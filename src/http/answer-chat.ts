import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerEvent, AnswerInput } from '../village/village-service.ts'
import { chatCompletion } from './chat-completions-answer.ts'
import { createChunkWriter } from './chat-completions-chunks.ts'
import { readChatCompletionsRequest } from './chat-completions-request.ts'
import { clientSignal } from './client-signal.ts'
import { replyOfError } from './error-reply.ts'
import { openEventStream, writeToStream } from './event-stream.ts'
import type { RouteContext } from './route-context.ts'

const jsonType = 'application/json; charset=utf-8'

/** `POST /v1/chat/completions`, whole or streamed. */
export async function answerChat(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { input, includeUsage } = readChatCompletionsRequest(request.body)
  const signal = clientSignal(reply.raw)
  const id = context.ids.next('chatcmpl')
  const head = { id, createdSeconds: Math.floor(context.clock.now() / 1000) }
  if (input.streamed) {
    const chunks = { ...head, requestedModel: input.requestedModel, includeUsage }
    return streamAnswer(context, { input, head: chunks, signal }, reply)
  }
  const answered = await context.service.answer(input, { signal })
  return reply
    .header('content-type', jsonType)
    .header('x-request-id', id)
    .send(JSON.stringify(chatCompletion(answered, head)))
}

type StreamedRequest = {
  readonly input: AnswerInput
  readonly head: Parameters<typeof createChunkWriter>[0]
  readonly signal: AbortSignal
}

/**
 * The status line waits for the first event, so that an earlier failure is still an HTTP error. A later
 * one becomes a chunk with `error`, which OpenAI's clients raise, and no `[DONE]`.
 */
async function streamAnswer(
  context: RouteContext,
  { input, head, signal }: StreamedRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const events = context.service.stream(input, { signal })[Symbol.asyncIterator]()
  const first = await events.next()

  reply.hijack()
  const response = reply.raw
  const chunks = createChunkWriter(head)
  openEventStream(response, { 'x-request-id': head.id })
  try {
    let beginning = chunks.role()
    for (let next = first; next.done !== true; next = await events.next()) {
      const text = beginning + textOfEvent(next.value, chunks)
      beginning = ''
      if (next.value.type === 'answered') {
        response.end(text)
        return reply
      }
      if (!(await writeToStream(response, text, signal))) return reply
    }
    throw new Error('The answer stream ended without its answer')
  } catch (error) {
    if (signal.aborted) return reply
    const { reply: failure, bug } = replyOfError(error, context)
    context.report({ error, bug, status: failure.status, route: 'POST /v1/chat/completions' })
    response.end(chunks.failure(failure))
    return reply
  } finally {
    // The service counts the task as under way until its stream has ended.
    await events.return?.()
  }
}

function textOfEvent(event: AnswerEvent, chunks: ReturnType<typeof createChunkWriter>): string {
  switch (event.type) {
    case 'text':
      return chunks.text(event.text)
    case 'delta':
      return chunks.delta(event.extra)
    case 'answered':
      return chunks.end(event.answered)
  }
}
