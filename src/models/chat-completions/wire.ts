import { z } from 'zod'

/*
 * Only the fields that we read, each as lenient as it can be: providers add fields weekly.
 * What is loose is passed on to the client as it came.
 * The protocol: https://openrouter.ai/docs/api-reference and
 * https://platform.openai.com/docs/api-reference/chat
 */

const Usage = z.looseObject({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cost: z.number().nullish(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.number().nullish() }).nullish(),
})
export type WireUsage = z.infer<typeof Usage>

/** Null from some servers, and nothing that an answer should fail for. */
const Name = z.string().optional().catch(undefined)

const ErrorObject = z.object({
  code: z.union([z.number(), z.string()]).nullish(),
  message: z.string().nullish(),
  metadata: z
    .object({
      raw: z.unknown().optional(),
      provider_name: z.string().nullish(),
      reasons: z.array(z.string()).nullish(),
      headers: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish()
    .catch(undefined),
  availability: z
    .object({ retryable: z.boolean().nullish(), retry_after: z.number().nullish() })
    .nullish()
    .catch(undefined),
})
export type WireError = z.infer<typeof ErrorObject>

/** Ollama and others give the reason as plain text. */
const WireError = z.union([
  ErrorObject,
  z.string().transform((message): WireError => ({ message })),
])

export const ErrorReply = z.object({ error: WireError })

/** Text, or parts of which those with a `text` are text. */
const Content = z.union([
  z.string(),
  z
    .array(z.looseObject({ text: z.string().optional() }))
    .transform((parts) => parts.map((part) => part.text ?? '').join('')),
])

/** `content` is taken out; the rest of the message is passed on as it came. */
const Message = z.looseObject({ content: Content.nullish() })
export type WireMessage = z.infer<typeof Message>

export const ChatReply = z.looseObject({
  id: Name,
  model: Name,
  choices: z.array(
    z.looseObject({
      index: z.number().optional(),
      message: Message,
      finish_reason: z.string().nullish(),
      error: WireError.nullish(),
    }),
  ),
  usage: Usage.nullish().catch(undefined),
})
export type ChatReply = z.infer<typeof ChatReply>

export const ChatChunk = z.looseObject({
  id: Name,
  model: Name,
  choices: z
    .array(
      z.looseObject({
        index: z.number().optional(),
        delta: Message.nullish(),
        finish_reason: z.string().nullish(),
        error: WireError.nullish(),
      }),
    )
    .optional(),
  usage: Usage.nullish().catch(undefined),
  error: WireError.nullish(),
})
export type ChatChunk = z.infer<typeof ChatChunk>
export type ChunkChoice = NonNullable<ChatChunk['choices']>[number]

export const EmbeddingsReply = z.object({
  id: Name,
  model: Name,
  data: z.array(
    z.object({
      index: z.int().optional(),
      embedding: z.union([z.string(), z.array(z.number())]),
    }),
  ),
  usage: Usage.partial({ completion_tokens: true }).nullish(),
})
