import type { VillageModel } from '../village/village-service.ts'

export type WireModel = {
  readonly id: string
  readonly object: 'model'
  readonly created: number
  readonly owned_by: string
  readonly context_length?: number
  /** USD per token, as decimal text. */
  readonly pricing?: { readonly prompt: string; readonly completion: string }
  readonly supported_parameters?: readonly string[]
  readonly distillable?: 'yes' | 'no' | 'granted'
  readonly village: { readonly agent: string | null; readonly simulated: boolean }
}

/** One entry of `GET /v1/models`; names that stand for an agent have no price of their own. */
export function wireModel(model: VillageModel, village: { startedAtMs: number }): WireModel {
  const { id, agent, description } = model
  const createdAtMs = description?.createdAtMs ?? village.startedAtMs
  const entry = {
    id,
    object: 'model' as const,
    created: Math.floor(createdAtMs / 1000),
    village: { agent, simulated: description?.simulated ?? false },
  }
  if (description === null) return { ...entry, owned_by: 'village' }
  return {
    ...entry,
    owned_by: description.kind === 'local' ? 'village' : (id.split('/')[0] ?? id),
    context_length: description.contextLength,
    pricing: {
      prompt: usdPerToken(description.price.prompt),
      completion: usdPerToken(description.price.completion),
    },
    supported_parameters: description.supportedParameters,
    distillable: description.distillable,
  }
}

/** Exact decimal digits: 1e-12 USD is the unit of prices, so twelve decimals hold any of them. */
function usdPerToken(picoUsd: number): string {
  const digits = String(picoUsd).padStart(13, '0')
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '')
}
