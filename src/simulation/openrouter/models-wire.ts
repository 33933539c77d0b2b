import type { JsonObject } from '../../kernel/json.ts'
import { autoRouterId, simulatedModels } from './simulated-models.ts'
import type { SimulatedModel } from './simulated-models.ts'

/**
 * `GET /models`. As with the real list, no item says that it is distillable: the query
 * `distillable=true` (or `false`) is the only way to learn it.
 */
export function modelsBody(query: URLSearchParams): JsonObject {
  const wanted = query.get('distillable')
  const parameters = (query.get('supported_parameters') ?? '').split(',').filter(Boolean)
  const items = simulatedModels
    .filter((model) => wanted === null || String(model.distillable) === wanted)
    .filter((model) => parameters.every((name) => parametersOf(model).includes(name)))
    .map(modelItem)
  const all = wanted === 'true' || parameters.length > 0 ? items : [...items, autoRouterItem()]
  const offset = Number(query.get('offset') ?? 0)
  const limit = Number(query.get('limit') ?? 1000)
  const page = all.slice(offset, offset + limit)
  const next =
    offset + limit < all.length ? `/api/v1/models?offset=${offset + limit}&limit=${limit}` : null
  return { data: page, total_count: all.length, links: { next } }
}

function modelItem(model: SimulatedModel): JsonObject {
  return {
    ...commonItem(model.id, `${model.name} (simulated)`, model.createdSeconds),
    context_length: model.contextLength,
    architecture: architecture(model.tokenizer),
    pricing: {
      prompt: model.promptPrice,
      completion: model.completionPrice,
      request: '0',
      image: '0',
    },
    top_provider: {
      context_length: model.contextLength,
      max_completion_tokens: model.maxCompletionTokens,
      is_moderated: model.id.startsWith('openai/') || model.id.startsWith('anthropic/'),
    },
    supported_parameters: parametersOf(model),
  }
}

/** Its prices vary with the model that it picks: the list says so with -1. */
function autoRouterItem(): JsonObject {
  return {
    ...commonItem(autoRouterId, 'Auto Router (simulated)', 1699401600),
    context_length: 2000000,
    architecture: architecture('Router'),
    pricing: { prompt: '-1', completion: '-1' },
    top_provider: { context_length: null, max_completion_tokens: null, is_moderated: false },
    supported_parameters: [],
  }
}

function commonItem(id: string, name: string, createdSeconds: number): JsonObject {
  return {
    id,
    canonical_slug: id,
    name,
    created: createdSeconds,
    description: 'Simulated: answers only the tasks of the demo.',
    hugging_face_id: null,
    per_request_limits: null,
    default_parameters: null,
    expiration_date: null,
    knowledge_cutoff: null,
    supported_voices: null,
    links: { details: `/api/v1/models/${id}/endpoints` },
  }
}

function architecture(tokenizer: string): JsonObject {
  return {
    modality: 'text->text',
    input_modalities: ['text'],
    output_modalities: ['text'],
    tokenizer,
    instruct_type: null,
  }
}

function parametersOf(model: SimulatedModel): readonly string[] {
  if (model.reasons) return ['max_tokens', 'seed', 'include_reasoning', 'reasoning']
  const sampling = ['temperature', 'top_p', 'max_tokens', 'stop', 'seed', 'response_format']
  return model.supportsTools ? [...sampling, 'tools', 'tool_choice'] : sampling
}
