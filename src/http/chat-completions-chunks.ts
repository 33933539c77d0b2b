import type { FinishReason, ModelAnswer } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import { wireUsage } from './chat-completions-answer.ts'
import type { AskedChatCompletion } from './chat-completions-request.ts'
import type { AnswerHead, StreamWriter } from './chat-wire.ts'
import { villageBlock } from './village-block.ts'

/** The lines of one streamed answer; what all chunks share is written out once. */
export function createChunkWriter(head: AnswerHead, asked: AskedChatCompletion): StreamWriter {
  const headOf = (model: string): string =>
    `data: {"id":${JSON.stringify(head.id)},"object":"chat.completion.chunk",` +
    `"created":${head.createdSeconds},"model":${JSON.stringify(model)},`
  const start = headOf(asked.requestedModel)

  const deltaChunk = (delta: string, logprobs: JsonValue = null): string =>
    `${start}"choices":[{"index":0,"delta":${delta},"logprobs":${JSON.stringify(logprobs)},"finish_reason":null}]}\n\n`
  const finishChunk = (beginning: string, reason: FinishReason, rest: string): string =>
    `${beginning}${rest}"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"${reason}"}]}\n\n`

  return {
    start: () => deltaChunk('{"role":"assistant","content":"","refusal":null}'),
    delta: (event) => {
      switch (event.type) {
        case 'text':
          return deltaChunk(`{"content":${JSON.stringify(event.text)}}`, event.logprobs)
        case 'delta':
          return deltaChunk(JSON.stringify(event.extra))
        case 'choice':
          return `${start}"choices":[${JSON.stringify(wholeChoice(event.choice))}]}\n\n`
      }
    },
    end: ({ answer, decision }) => {
      const beginning = headOf(answer.model) + unreadFields(answer)
      const village = `"village":${JSON.stringify(villageBlock(decision))},`
      if (!asked.includeUsage) {
        return `${finishChunk(beginning, answer.finishReason, village)}data: [DONE]\n\n`
      }
      const usage = `"usage":${JSON.stringify(wireUsage(answer))},`
      return (
        finishChunk(beginning, answer.finishReason, '') +
        `${beginning}${usage}${village}"choices":[]}\n\ndata: [DONE]\n\n`
      )
    },
    failure: (error) => {
      const { error: body } = head.errorBody(error)
      return finishChunk(start, 'error', `"error":${JSON.stringify(body)},`)
    },
  }
}

/** Providers leave out what says nothing; clients count on it. */
function wholeChoice(choice: JsonObject): JsonObject {
  return { delta: {}, finish_reason: null, ...choice }
}

const writtenFields = new Set(['id', 'object', 'created', 'model', 'usage', 'village', 'choices'])

/** What the provider said of the whole reply, such as its `system_fingerprint`, as JSON fields. */
function unreadFields({ unread }: ModelAnswer): string {
  if (unread?.reply === undefined) return ''
  let fields = ''
  for (const [name, value] of Object.entries(unread.reply)) {
    if (!writtenFields.has(name)) fields += `${JSON.stringify(name)}:${JSON.stringify(value)},`
  }
  return fields
}
