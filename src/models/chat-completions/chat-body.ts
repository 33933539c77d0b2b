import type { ChatMessage, ChatRequest } from '../../kernel/chat.ts'
import type { JsonObject } from '../../kernel/json.ts'

/** What servers of the same protocol want said differently. */
export type Dialect = {
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /** OpenRouter always sends usage; others send it in a stream only when asked. */
  readonly asksForUsage: boolean
}

/** The JSON body of `POST /chat/completions`; what the village sets wins over passed-through fields. */
export function chatBody(
  request: ChatRequest,
  dialect: Dialect,
  { model, stream }: { readonly model: string; readonly stream: boolean },
): string {
  const { temperature, topP, maxTokens, stop, seed } = request.sampling
  const streamOptions = request.extra?.['stream_options']
  return JSON.stringify({
    ...request.extra,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { [dialect.maxTokensField]: maxTokens }),
    ...(stop !== undefined && { stop }),
    ...(seed !== undefined && { seed }),
    model,
    messages: request.messages.map(wireMessage),
    stream,
    ...(stream &&
      dialect.asksForUsage && {
        stream_options: {
          ...(streamOptions as JsonObject | undefined),
          include_usage: true,
        },
      }),
  })
}

function wireMessage(message: ChatMessage): object {
  if (message.extra === undefined) return message
  const { extra, ...own } = message
  return { ...extra, ...own }
}
