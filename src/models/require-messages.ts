import type { ChatRequest } from '../kernel/chat.ts'
import { InvalidRequestError } from '../kernel/errors.ts'

export function requireMessages(request: ChatRequest): void {
  if (request.messages.length > 0) return
  throw new InvalidRequestError('The list of messages is empty: send at least one message.', {
    param: 'messages',
  })
}
