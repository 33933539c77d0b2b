import type { ChatWire } from './chat-wire.ts'
import { commentKeepAlive } from './chat-wire.ts'
import { wholeResponse } from './responses-answer.ts'
import type { AskedResponse } from './responses-request.ts'
import { readResponsesRequest } from './responses-request.ts'
import { createResponseStream } from './responses-stream.ts'

/** OpenAI's Responses (https://platform.openai.com/docs/api-reference/responses). */
export const responsesWire: ChatWire<AskedResponse> = {
  idPrefix: 'resp',
  keepAlive: commentKeepAlive,
  read: readResponsesRequest,
  whole: wholeResponse,
  stream: createResponseStream,
}
