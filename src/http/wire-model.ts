import type { JsonObject } from '../kernel/json.ts'
import type { VillageModel } from '../village/village-service.ts'

/** What OpenAI's clients and OpenRouter's read of a model, and ours. */
export type WireModel = {
  readonly id: string
  readonly object: 'model'
  readonly created: number
  readonly owned_by: string
  readonly canonical_slug: string
  readonly name: string
  readonly context_length: number | null
  /** USD per token, as decimal text; "-1" where it depends on who answers. */
  readonly pricing: { readonly prompt: string; readonly completion: string }
  readonly architecture: {
    readonly modality: string
    readonly input_modalities: readonly string[]
    readonly output_modalities: readonly string[]
  }
  readonly top_provider: {
    readonly context_length: number | null
    readonly max_completion_tokens: number | null
    readonly is_moderated: boolean
  }
  readonly supported_parameters: readonly string[]
  readonly default_parameters: JsonObject | null
  readonly per_request_limits: null
  readonly supported_voices: null
  readonly links: { readonly details: string }
  readonly distillable?: 'yes' | 'no' | 'granted'
  readonly village: { readonly agent: string | null; readonly simulated: boolean }
}

/** One entry of `GET /v1/models`; names that stand for an agent have no price of their own. */
export function wireModel(model: VillageModel, village: { startedAtMs: number }): WireModel {
  const { id, agent, description } = model
  const createdAtMs = description?.createdAtMs ?? village.startedAtMs
  const input = description?.inputModalities ?? ['text']
  const output = description?.outputModalities ?? ['text']
  const contextLength = description?.contextLength ?? null
  const isOwn = description === null || description.kind === 'local'
  return {
    id,
    object: 'model',
    created: Math.floor(createdAtMs / 1000),
    owned_by: isOwn ? 'village' : (id.split('/')[0] ?? id),
    canonical_slug: id,
    name: description?.name ?? id,
    context_length: contextLength,
    pricing:
      description === null
        ? { prompt: '-1', completion: '-1' }
        : {
            prompt: usdPerToken(description.price.prompt),
            completion: usdPerToken(description.price.completion),
          },
    architecture: {
      modality: `${input.join('+')}->${output.join('+')}`,
      input_modalities: input,
      output_modalities: output,
    },
    top_provider: {
      context_length: contextLength,
      max_completion_tokens: description?.maxCompletionTokens ?? null,
      is_moderated: false,
    },
    supported_parameters: description?.supportedParameters ?? [],
    default_parameters: description?.defaultParameters ?? null,
    per_request_limits: null,
    supported_voices: null,
    links: { details: `/v1/models/${id}` },
    ...(description !== null && { distillable: description.distillable }),
    village: { agent, simulated: description?.simulated ?? false },
  }
}

/** Exact decimal digits: 1e-12 USD is the unit of prices, so twelve decimals hold any of them. */
function usdPerToken(picoUsd: number): string {
  const digits = String(picoUsd).padStart(13, '0')
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '')
}
