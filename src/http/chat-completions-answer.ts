import type { ChatUsage, FinishReason } from '../kernel/chat.ts'
import type { JsonObject } from '../kernel/json.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import type { AnsweredTask } from '../village/village-service.ts'
import { villageBlock, type VillageBlock } from './village-block.ts'

export type ChatCompletion = {
  readonly id: string
  readonly object: 'chat.completion'
  readonly created: number
  readonly model: string
  readonly choices: readonly [
    {
      readonly index: 0
      readonly message: JsonObject
      readonly logprobs: null
      readonly finish_reason: FinishReason
    },
  ]
  readonly usage: WireUsage
  readonly village: VillageBlock
}

export type WireUsage = {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  /** In USD, as the provider reports it. */
  readonly cost: number
  readonly prompt_tokens_details: { readonly cached_tokens: number }
  readonly completion_tokens_details: { readonly reasoning_tokens: number }
}

/** A whole answer in OpenAI's shape, with the `village` block. */
export function chatCompletion(
  answered: AnsweredTask,
  head: { readonly id: string; readonly createdSeconds: number },
): ChatCompletion {
  const { answer, decision } = answered
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.createdSeconds,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text, refusal: null, ...answer.extra },
        logprobs: null,
        finish_reason: answer.finishReason,
      },
    ],
    usage: wireUsage(answer.usage),
    village: villageBlock(decision),
  }
}

export function wireUsage(usage: ChatUsage): WireUsage {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    cost: usdFromNanoUsd(usage.cost),
    prompt_tokens_details: { cached_tokens: usage.cachedPromptTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }
}
