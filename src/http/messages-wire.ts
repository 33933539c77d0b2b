import type { ChatWire } from './chat-wire.ts'
import { wholeMessage } from './messages-answer.ts'
import type { AskedMessage } from './messages-request.ts'
import { readMessagesRequest } from './messages-request.ts'
import { createMessageStream, pingKeepAlive } from './messages-stream.ts'

/** Anthropic's Messages (https://docs.anthropic.com/en/api/messages). */
export const messagesWire: ChatWire<AskedMessage> = {
  idPrefix: 'msg',
  keepAlive: pingKeepAlive,
  read: readMessagesRequest,
  whole: wholeMessage,
  stream: createMessageStream,
}
