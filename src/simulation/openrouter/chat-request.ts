import { z } from 'zod'

/** Only the fields that the simulation reads; others are accepted as the provider accepts them. */
export const ChatBody = z.looseObject({
  model: z.string().optional(),
  models: z.array(z.string()).optional(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
        content: z
          .union([z.string(), z.array(z.looseObject({ type: z.string() })), z.null()])
          .optional(),
      }),
    )
    .min(1),
  stream: z.boolean().nullish(),
  max_tokens: z.number().min(1).nullish(),
  max_completion_tokens: z.number().min(1).nullish(),
  tools: z.array(z.unknown()).nullish(),
})

export type ChatBody = z.infer<typeof ChatBody>

type Message = ChatBody['messages'][number]

function textOf(message: Message): string {
  if (typeof message.content === 'string') return message.content
  return (message.content ?? [])
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : ''))
    .join('')
}

/** The last user message alone says what the task is. */
export function promptOf(body: ChatBody): string {
  const message = body.messages.findLast((candidate) => candidate.role === 'user')
  return message === undefined ? '' : textOf(message)
}

export function promptBytesOf(body: ChatBody): number {
  let bytes = 0
  for (const message of body.messages) bytes += Buffer.byteLength(textOf(message))
  return bytes
}

/** The models to try in order. */
export function requestedModels(body: ChatBody): readonly string[] {
  const named = body.model === undefined ? [] : [body.model]
  return [...new Set([...named, ...(body.models ?? [])])]
}
