import type { JsonObject } from '../../kernel/json.ts'
import { usdFromNanoUsd } from '../../kernel/money.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { Generation } from './completion-wire.ts'
import { simulatedProvider } from './provider-error.ts'

export function keyBody(key: string, used: NanoUsd): JsonObject {
  const usage = usdFromNanoUsd(used)
  return {
    data: {
      label: `${key.slice(0, 8)}...${key.slice(-3)}`,
      limit: null,
      limit_remaining: null,
      limit_reset: null,
      usage,
      usage_daily: usage,
      usage_weekly: usage,
      usage_monthly: usage,
      byok_usage: 0,
      byok_usage_daily: 0,
      byok_usage_weekly: 0,
      byok_usage_monthly: 0,
      include_byok_in_limit: false,
      is_free_tier: false,
      is_management_key: isManagementKey(key),
      is_provisioning_key: isManagementKey(key),
      creator_user_id: 'user_simulated',
      expires_at: null,
      rate_limit: { requests: 1000, interval: '1h', note: 'Deprecated and safe to ignore.' },
    },
  }
}

/** Only such keys may read the credits. */
export function isManagementKey(key: string): boolean {
  return key.startsWith('sk-or-management')
}

export function creditsBody(total: NanoUsd, used: NanoUsd): JsonObject {
  return { data: { total_credits: usdFromNanoUsd(total), total_usage: usdFromNanoUsd(used) } }
}

export function generationBody(generation: Generation, cancelled: boolean): JsonObject {
  const { answer } = generation
  const cost = usdFromNanoUsd(answer.costNanoUsd)
  const visibleTokens = answer.completionTokens - answer.reasoningTokens
  return {
    data: {
      id: generation.id,
      request_id: `req-${generation.id.slice(4)}`,
      upstream_id: `simulated-${generation.id.slice(4)}`,
      total_cost: cost,
      usage: cost,
      cache_discount: null,
      upstream_inference_cost: 0,
      created_at: new Date(generation.createdMs).toISOString(),
      model: generation.model.id,
      app_id: null,
      streamed: generation.streamed,
      cancelled,
      provider_name: simulatedProvider,
      latency: answer.firstTokenMs,
      moderation_latency: null,
      generation_time: answer.latencyMs,
      finish_reason: answer.finishReason,
      native_finish_reason: answer.finishReason,
      service_tier: null,
      tokens_prompt: answer.promptTokens,
      tokens_completion: visibleTokens,
      native_tokens_prompt: answer.promptTokens,
      native_tokens_completion: answer.completionTokens,
      native_tokens_completion_images: null,
      native_tokens_reasoning: answer.reasoningTokens,
      native_tokens_cached: 0,
      num_media_prompt: null,
      num_input_audio_prompt: null,
      num_media_completion: null,
      num_search_results: null,
      num_fetches: null,
      web_search_engine: null,
      origin: '',
      is_byok: false,
      external_user: null,
      api_type: 'completions',
      preset_id: null,
      router: null,
      provider_responses: null,
      user_agent: null,
      http_referer: null,
      data_region: 'global',
      workspace_id: null,
      session_id: null,
    },
  }
}
