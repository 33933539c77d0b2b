import type { FinishReason } from '../kernel/chat.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AnsweredTask } from '../village/village-service.ts'
import type { ApiError } from './api-error.ts'
import { bodyOfApiError } from './api-error.ts'
import { wireUsage } from './chat-completions-answer.ts'
import { villageBlock } from './village-block.ts'

/** The lines of one streamed answer; what all chunks share is written out once. */
export type ChunkWriter = {
  role(): string
  text(text: string): string
  delta(extra: JsonObject): string
  /** Everything after the last delta, `[DONE]` included. */
  end(answered: AnsweredTask): string
  /** The last line of a stream that failed; no `[DONE]` follows it. */
  failure(error: ApiError): string
}

export function createChunkWriter(head: {
  readonly id: string
  readonly createdSeconds: number
  readonly requestedModel: string
  readonly includeUsage: boolean
}): ChunkWriter {
  const headOf = (model: string): string =>
    `data: {"id":${JSON.stringify(head.id)},"object":"chat.completion.chunk",` +
    `"created":${head.createdSeconds},"model":${JSON.stringify(model)},`
  const start = headOf(head.requestedModel)
  const noUsageYet = head.includeUsage ? '"usage":null,' : ''

  const deltaChunk = (delta: string): string =>
    `${start}${noUsageYet}"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":null}]}\n\n`
  const finishChunk = (beginning: string, reason: FinishReason, rest: string): string =>
    `${beginning}${rest}"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"${reason}"}]}\n\n`

  return {
    role: () => deltaChunk('{"role":"assistant","content":"","refusal":null}'),
    text: (text) => deltaChunk(`{"content":${JSON.stringify(text)}}`),
    delta: (extra) => deltaChunk(JSON.stringify(extra)),
    end: ({ answer, decision }) => {
      const beginning = headOf(answer.model)
      const village = `"village":${JSON.stringify(villageBlock(decision))},`
      if (!head.includeUsage) {
        return `${finishChunk(beginning, answer.finishReason, village)}data: [DONE]\n\n`
      }
      const usage = `"usage":${JSON.stringify(wireUsage(answer.usage))},`
      return (
        finishChunk(beginning, answer.finishReason, noUsageYet) +
        `${beginning}${usage}${village}"choices":[]}\n\ndata: [DONE]\n\n`
      )
    },
    failure: (error) => {
      const { error: body } = bodyOfApiError(error)
      return finishChunk(start, 'error', `"error":${JSON.stringify(body)},`)
    },
  }
}
