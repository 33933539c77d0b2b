import type { ModelAnswer } from '../kernel/chat.ts'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import type { AnsweredTask } from '../village/village-service.ts'
import type { AnswerHead } from './chat-wire.ts'
import { villageBlock, type VillageBlock } from './village-block.ts'

export type ChatCompletion = {
  readonly id: string
  readonly object: 'chat.completion'
  readonly created: number
  readonly model: string
  readonly system_fingerprint: JsonValue
  readonly choices: readonly JsonObject[]
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

/** A whole answer in OpenAI's shape, with the `village` block and all that the provider added. */
export function chatCompletion(answered: AnsweredTask, head: AnswerHead): ChatCompletion {
  const { answer, decision } = answered
  const { unread } = answer
  return {
    system_fingerprint: null,
    ...unread?.reply,
    id: head.id,
    object: 'chat.completion',
    created: head.createdSeconds,
    model: answer.model,
    choices: [firstChoice(answer), ...(unread?.otherChoices ?? [])],
    usage: wireUsage(answer),
    village: villageBlock(decision),
  }
}

function firstChoice(answer: ModelAnswer): JsonObject {
  const callsTools = answer.extra?.['tool_calls'] !== undefined
  return {
    logprobs: null,
    ...answer.unread?.choice,
    index: 0,
    message: {
      role: 'assistant',
      content: answer.text === '' && callsTools ? null : answer.text,
      refusal: null,
      ...answer.extra,
    },
    finish_reason: answer.finishReason,
  }
}

/** The village's own figures win over the provider's words for them. */
export function wireUsage({ usage, unread }: Pick<ModelAnswer, 'usage' | 'unread'>): WireUsage {
  const given = unread?.usage
  return {
    ...given,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    cost: usdFromNanoUsd(usage.cost),
    prompt_tokens_details: {
      ...(given?.['prompt_tokens_details'] as JsonObject | undefined),
      cached_tokens: usage.cachedPromptTokens,
    },
    completion_tokens_details: {
      ...(given?.['completion_tokens_details'] as JsonObject | undefined),
      reasoning_tokens: usage.reasoningTokens,
    },
  }
}
