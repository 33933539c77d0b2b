import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiKey } from '../kernel/api-key.ts'
import type { AnswerInput } from '../village/village-service.ts'
import { callerOf } from './caller.ts'
import type { AnswerHead, ChatWire, StreamWriter } from './chat-wire.ts'
import { clientSignal } from './client-signal.ts'
import { replyOfError } from './error-reply.ts'
import { errorBodyOf } from './route-error-body.ts'
import { openEventStream, writeToStream } from './event-stream.ts'
import type { RouteContext } from './route-context.ts'
import { tenantFields } from './tenant.ts'

const jsonType = 'application/json; charset=utf-8'

/** Answers a chat over one wire, whole or streamed: the one way from every chat endpoint to the village. */
export function answerOver<Asked>(wire: ChatWire<Asked>) {
  return async (
    context: RouteContext,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const { input, asked } = wire.read(request.body)
    const signal = clientSignal(reply.raw)
    const { head, decisionId } = headOf(wire.idPrefix, context, request)
    const caller = callerOf(request)
    const numbered: AnswerInput = { ...input, ...tenantFields(request), decisionId }
    if (input.streamed) {
      const lines = wire.stream(head, asked)
      const stream = { input: numbered, head, lines, keepAlive: wire.keepAlive, signal, caller }
      return streamAnswer(context, stream, request, reply)
    }
    const answered = await context.service.answer(numbered, { signal, caller })
    return reply
      .header('content-type', jsonType)
      .header('x-request-id', head.id)
      .send(JSON.stringify(wire.whole(answered, head, asked)))
  }
}

/** An id for the answer and one for its decision that differ in their prefix only. */
export function headOf(
  prefix: string,
  context: RouteContext,
  request: FastifyRequest,
): { readonly head: AnswerHead; readonly decisionId: string } {
  const decisionId = context.ids.next('dec')
  const id = prefix + decisionId.slice('dec'.length)
  const createdSeconds = Math.floor(context.clock.now() / 1000)
  return { head: { id, createdSeconds, errorBody: errorBodyOf(request) }, decisionId }
}

type StreamedRequest = {
  readonly input: AnswerInput
  readonly head: AnswerHead
  readonly lines: StreamWriter
  readonly keepAlive: string
  readonly signal: AbortSignal
  readonly caller: ApiKey
}

/**
 * The status line waits for the first event, so that an earlier failure is still an HTTP error, unless
 * the model is silent for so long that the connection must be kept alive. A later failure becomes a
 * line of the stream, and the stream has no regular end.
 */
async function streamAnswer(
  context: RouteContext,
  { input, head, lines, keepAlive, signal, caller }: StreamedRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const events = context.service.stream(input, { signal, caller })[Symbol.asyncIterator]()
  const response = reply.raw
  let isOpen = false
  const open = (): void => {
    if (isOpen) return
    isOpen = true
    reply.hijack()
    openEventStream(response, { ...headersOf(reply), 'x-request-id': head.id })
  }
  const idle = context.idleStreams.watch(() => {
    if (signal.aborted) return
    open()
    writeUnlessBehind(response, keepAlive)
  })
  let beginning: string | null = lines.start()
  try {
    for (;;) {
      const next = await events.next()
      if (next.done === true) throw new Error('The answer stream ended without its answer')
      idle.active()
      const event = next.value
      const line = event.type === 'answered' ? lines.end(event.answered) : lines.delta(event)
      const text = beginning === null ? line : beginning + line
      beginning = null
      open()
      if (event.type === 'answered') {
        response.end(text)
        return reply
      }
      if (text !== '' && !(await writeToStream(response, text, signal))) return reply
    }
  } catch (error) {
    if (!isOpen) throw error
    if (signal.aborted) return reply
    const { reply: failure, bug } = replyOfError(error, context)
    const route = `${request.method} ${request.routeOptions.url ?? request.url}`
    context.report({ error, bug, status: failure.status, route })
    response.end((beginning ?? '') + lines.failure(failure))
    return reply
  } finally {
    idle.stop()
    // The service counts the task as under way until its stream has ended.
    await events.return?.()
  }
}

/** A reader that is behind has bytes on their way already. */
function writeUnlessBehind(response: ServerResponse, text: string): void {
  if (!response.writableNeedDrain) response.write(text)
}

/** What hooks have set: limits, for instance. A stream writes its headers itself. */
function headersOf(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) headers[name] = String(value)
  }
  return headers
}
