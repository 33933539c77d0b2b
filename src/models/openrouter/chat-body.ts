import type { ChatMessage, ChatRequest } from '../../kernel/chat.ts'

/** The JSON body of `POST /chat/completions`; what the village sets wins over passed-through fields. */
export function chatBody(request: ChatRequest, model: string, stream: boolean): string {
  const { temperature, topP, maxTokens, stop, seed } = request.sampling
  return JSON.stringify({
    ...request.extra,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop !== undefined && { stop }),
    ...(seed !== undefined && { seed }),
    model,
    messages: request.messages.map(wireMessage),
    stream,
  })
}

function wireMessage(message: ChatMessage): object {
  if (message.extra === undefined) return message
  const { extra, ...own } = message
  return { ...extra, ...own }
}
