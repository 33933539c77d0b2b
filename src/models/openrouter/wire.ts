import { z } from 'zod'

/*
 * Only the fields that we read, each as lenient as it can be: providers add fields weekly.
 * The protocol: https://openrouter.ai/docs/api-reference
 */

const Usage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cost: z.number().nullish(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
})
export type WireUsage = z.infer<typeof Usage>

const WireError = z.object({
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
export type WireError = z.infer<typeof WireError>

export const ErrorReply = z.object({ error: WireError })

/** `content` is taken out; the rest of the message is passed on as it came. */
const Message = z.looseObject({ content: z.string().nullish() })
export type WireMessage = z.infer<typeof Message>

export const ChatReply = z.object({
  id: z.string().optional(),
  model: z.string().optional(),
  choices: z.array(
    z.object({
      message: Message,
      finish_reason: z.string().nullish(),
      error: WireError.nullish(),
    }),
  ),
  usage: Usage.nullish(),
})
export type ChatReply = z.infer<typeof ChatReply>

export const ChatChunk = z.object({
  id: z.string().optional(),
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        index: z.number().optional(),
        delta: Message.nullish(),
        finish_reason: z.string().nullish(),
        error: WireError.nullish(),
      }),
    )
    .optional(),
  usage: Usage.nullish(),
  error: WireError.nullish(),
})
export type ChatChunk = z.infer<typeof ChatChunk>

export const ModelsReply = z.object({ data: z.array(z.unknown()) })

export const ModelItem = z.object({
  id: z.string(),
  canonical_slug: z.string().nullish(),
  created: z.number().nullish(),
  context_length: z.number().nullish(),
  architecture: z.object({ input_modalities: z.array(z.string()).nullish() }).nullish(),
  pricing: z.object({ prompt: z.string(), completion: z.string() }),
  top_provider: z.object({ max_completion_tokens: z.number().nullish() }).nullish(),
  supported_parameters: z.array(z.string()).nullish(),
})
export type ModelItem = z.infer<typeof ModelItem>

export const KeyReply = z.object({
  data: z.object({
    limit: z.number().nullish(),
    limit_remaining: z.number().nullish(),
    usage: z.number(),
  }),
})
