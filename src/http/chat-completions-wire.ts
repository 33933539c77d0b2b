import { chatCompletion } from './chat-completions-answer.ts'
import { createChunkWriter } from './chat-completions-chunks.ts'
import type { AskedChatCompletion } from './chat-completions-request.ts'
import { readChatCompletionsRequest } from './chat-completions-request.ts'
import type { ChatWire } from './chat-wire.ts'
import { commentKeepAlive } from './chat-wire.ts'

/** OpenAI's and OpenRouter's chat completions. */
export const chatCompletionsWire: ChatWire<AskedChatCompletion> = {
  idPrefix: 'chatcmpl',
  keepAlive: commentKeepAlive,
  read: readChatCompletionsRequest,
  whole: chatCompletion,
  stream: createChunkWriter,
}
