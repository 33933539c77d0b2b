import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ApiKey } from '../kernel/api-key.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import type { Generation } from '../village/village-service.ts'
import { invalidRequest } from './api-error.ts'
import { callerOf } from './caller.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { RequestProblem } from './request-problem.ts'
import type { RouteContext } from './route-context.ts'

export const GenerationQuery = z.looseObject({ id: z.string().min(1).max(128) })

/** `GET /v1/generation?id=`: what an answer cost and how long it took, by its own id or its decision's. */
export async function showGeneration(
  context: RouteContext,
  request: FastifyRequest,
): Promise<object> {
  const { id } = parseWithSchema(GenerationQuery, request.query)
  const serial = /^[a-z]+_([0-9a-z]+)$/.exec(id)?.[1]
  const generation = serial === undefined ? null : await context.service.generation(`dec_${serial}`)
  if (generation !== null && maySee(callerOf(request), generation))
    return { data: wireGeneration(id, generation) }
  throw new RequestProblem(
    invalidRequest(`There is no generation "${id.slice(0, 128)}". Send the "id" of an answer.`, {
      status: 404,
      param: 'id',
      code: 'generation_not_found',
    }),
  )
}

/** A member sees what its own key was answered, as everywhere. */
function maySee({ id, role }: ApiKey, { interaction }: Generation): boolean {
  return role !== 'member' || interaction.keyId === id
}

/** Fields of the provider's shape for which the village has no value are null. */
function wireGeneration(id: string, { decision, interaction }: Generation): object {
  const { usage } = interaction
  const costUsd = usdFromNanoUsd(usage.cost)
  return {
    id,
    upstream_id: interaction.generationId,
    total_cost: costUsd,
    usage: costUsd,
    upstream_inference_cost: null,
    cache_discount: null,
    created_at: new Date(decision.decidedAtMs).toISOString(),
    model: interaction.model,
    provider_name: null,
    router: null,
    api_type: decision.kind === 'embeddings' ? 'embeddings' : 'completions',
    streamed: interaction.streamed,
    cancelled: interaction.cancelled === true,
    finish_reason: interaction.cancelled === true ? null : interaction.finishReason,
    native_finish_reason: null,
    latency: interaction.latencyMs,
    generation_time: interaction.latencyMs,
    moderation_latency: null,
    tokens_prompt: usage.promptTokens,
    tokens_completion: usage.completionTokens,
    native_tokens_prompt: usage.promptTokens,
    native_tokens_completion: usage.completionTokens,
    native_tokens_completion_images: null,
    native_tokens_reasoning: usage.reasoningTokens,
    native_tokens_cached: usage.cachedPromptTokens,
    num_media_prompt: null,
    num_input_audio_prompt: null,
    num_media_completion: null,
    num_search_results: null,
    num_fetches: null,
    web_search_engine: null,
    origin: '',
    is_byok: false,
    app_id: null,
    external_user: null,
    preset_id: null,
    provider_responses: null,
    user_agent: null,
    http_referer: null,
    service_tier: null,
    data_region: 'global',
    workspace_id: null,
    village: {
      decision_id: decision.id,
      agent: decision.agent,
      route: decision.route,
      reason: decision.reason,
      simulated: decision.simulated,
    },
  }
}
