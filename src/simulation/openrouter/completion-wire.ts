import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import { usdFromNanoUsd } from '../../kernel/money.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import { simulatedProvider } from './provider-error.ts'
import { costOf } from './simulated-answer.ts'
import type { SimulatedAnswer } from './simulated-answer.ts'
import type { SimulatedModel } from './simulated-models.ts'

/** One generation, as far as the wire shows it. */
export type Generation = {
  readonly id: string
  readonly model: SimulatedModel
  readonly answer: SimulatedAnswer
  readonly createdMs: number
  readonly streamed: boolean
}

/** Both shapes are documented or seen: without a choice, and with a choice that has an empty delta. */
export type UsageChunkShape = 'no-choices' | 'empty-delta'

export function completionBody(generation: Generation): JsonObject {
  const { answer } = generation
  return {
    ...commonFields(generation, 'chat.completion'),
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: answer.finishReason,
        native_finish_reason: answer.finishReason,
        message: { role: 'assistant', content: answer.text, refusal: null, reasoning: null },
      },
    ],
    usage: usageOf(generation),
  }
}

/** An answer without tokens and without a finish reason: it costs nothing. */
export function emptyCompletionBody(generation: Generation): JsonObject {
  return {
    ...commonFields(generation, 'chat.completion'),
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: null,
        native_finish_reason: null,
        message: { role: 'assistant', content: '', refusal: null, reasoning: null },
      },
    ],
    usage: freeUsage(generation),
  }
}

export function textChunk(generation: Generation, text: string): JsonObject {
  return chunkWith(generation, [choiceOf({ role: 'assistant', content: text }, null)])
}

export function finishChunk(generation: Generation): JsonObject {
  return chunkWith(generation, [
    choiceOf({ role: 'assistant', content: '' }, generation.answer.finishReason),
  ])
}

export function usageChunk(generation: Generation, shape: UsageChunkShape): JsonObject {
  const choices = shape === 'no-choices' ? [] : [choiceOf({ role: 'assistant', content: '' }, null)]
  return { ...chunkWith(generation, choices), usage: usageOf(generation) }
}

export function emptyUsageChunk(generation: Generation): JsonObject {
  return { ...chunkWith(generation, []), usage: freeUsage(generation) }
}

/** A failure after the first text: HTTP has long said 200. */
export function errorChunk(generation: Generation): JsonObject {
  return {
    ...chunkWith(generation, [choiceOf({ role: 'assistant', content: '' }, 'error')]),
    error: {
      code: 502,
      message: 'The simulated upstream broke off.',
      metadata: { error_type: 'provider_unavailable', provider_name: simulatedProvider },
    },
  }
}

function chunkWith(generation: Generation, choices: readonly JsonValue[]): JsonObject {
  return { ...commonFields(generation, 'chat.completion.chunk'), choices }
}

function choiceOf(delta: JsonObject, finishReason: string | null): JsonObject {
  return {
    index: 0,
    delta,
    finish_reason: finishReason,
    native_finish_reason: finishReason,
    logprobs: null,
  }
}

function commonFields(generation: Generation, object: string): JsonObject {
  return {
    id: generation.id,
    provider: simulatedProvider,
    model: generation.model.id,
    object,
    created: Math.floor(generation.createdMs / 1000),
    system_fingerprint: 'simulated',
  }
}

function usageOf({ model, answer }: Generation): JsonObject {
  return usageWith({
    promptTokens: answer.promptTokens,
    completionTokens: answer.completionTokens,
    reasoningTokens: answer.reasoningTokens,
    cost: answer.costNanoUsd,
    promptCost: costOf(model, answer.promptTokens, 0),
    completionCost: costOf(model, 0, answer.completionTokens),
  })
}

function freeUsage({ answer }: Generation): JsonObject {
  const free = 0 as NanoUsd
  return usageWith({
    promptTokens: answer.promptTokens,
    completionTokens: 0,
    reasoningTokens: 0,
    cost: free,
    promptCost: free,
    completionCost: free,
  })
}

function usageWith(amounts: {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
  readonly cost: NanoUsd
  readonly promptCost: NanoUsd
  readonly completionCost: NanoUsd
}): JsonObject {
  return {
    prompt_tokens: amounts.promptTokens,
    completion_tokens: amounts.completionTokens,
    total_tokens: amounts.promptTokens + amounts.completionTokens,
    cost: usdFromNanoUsd(amounts.cost),
    is_byok: false,
    prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: amounts.reasoningTokens },
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: usdFromNanoUsd(amounts.promptCost),
      upstream_inference_completions_cost: usdFromNanoUsd(amounts.completionCost),
    },
  }
}
