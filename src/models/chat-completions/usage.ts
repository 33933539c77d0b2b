import type { ChatUsage, FinishReason } from '../../kernel/chat.ts'
import type { ModelPrice } from '../../kernel/model-adapter.ts'
import { costOfTokens, nanoUsdFromUsd } from '../../kernel/money.ts'
import type { WireUsage } from './wire.ts'

/** The cost is the provider's own figure; the list price stands in where it gives none. */
export function usageFromWire(usage: WireUsage, price: ModelPrice): ChatUsage {
  const promptTokens = usage.prompt_tokens
  const completionTokens = usage.completion_tokens
  return {
    promptTokens,
    completionTokens,
    cachedPromptTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    cost:
      typeof usage.cost === 'number'
        ? nanoUsdFromUsd(usage.cost)
        : costOfTokens({ prompt: promptTokens, completion: completionTokens }, price),
  }
}

const charactersPerToken = 4

/** For the rare answer that comes without usage: an estimate, so that it does not count as free. */
export function estimatedUsage(
  characters: { readonly prompt: number; readonly completion: number },
  price: ModelPrice,
): ChatUsage {
  const tokens = {
    prompt: Math.ceil(characters.prompt / charactersPerToken),
    completion: Math.ceil(characters.completion / charactersPerToken),
  }
  return {
    promptTokens: tokens.prompt,
    completionTokens: tokens.completion,
    cachedPromptTokens: 0,
    reasoningTokens: 0,
    cost: costOfTokens(tokens, price),
  }
}

/** A reason that we do not know counts as an ordinary end. */
export function finishReasonFromWire(reason: string): FinishReason {
  switch (reason) {
    case 'length':
    case 'tool_calls':
    case 'content_filter':
    case 'error':
      return reason
    default:
      return 'stop'
  }
}
