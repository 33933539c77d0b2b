import { z } from 'zod'

/* Only the fields that we read: providers add fields weekly. */

export const ModelsReply = z.object({ data: z.array(z.unknown()) })

export const ModelItem = z.object({
  id: z.string(),
  canonical_slug: z.string().nullish(),
  name: z.string().nullish(),
  created: z.number().nullish(),
  context_length: z.number().nullish(),
  architecture: z
    .object({
      input_modalities: z.array(z.string()).nullish(),
      output_modalities: z.array(z.string()).nullish(),
    })
    .nullish(),
  default_parameters: z.record(z.string(), z.number().nullable()).nullish().catch(undefined),
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
