import type { EmbeddingModels, EmbeddingsAnswer } from '../../kernel/embeddings.ts'
import type { ModelPrice } from '../../kernel/model-adapter.ts'
import type { Connection } from '../chat-completions/chat-model.ts'
import { fetchWhole, type WholeReply } from '../chat-completions/exchange.ts'
import {
  failureOfProtocol,
  failureOfReply,
  failureOfWireError,
  type FailureContext,
} from '../chat-completions/failure.ts'
import { withRetries } from '../chat-completions/retry.ts'
import { estimatedUsage, usageFromWire } from '../chat-completions/usage.ts'
import { EmbeddingsReply, ErrorReply } from '../chat-completions/wire.ts'

/** `POST /embeddings` of the provider; its models have a list of their own, which is not read. */
export function createEmbeddingModels(
  connection: Connection,
  priceOf: (model: string, signal: AbortSignal) => Promise<ModelPrice>,
): EmbeddingModels {
  const { endpoint, limiter, retry } = connection
  return {
    embeddingPrice: priceOf,
    embed: async ({ model, fields }, { signal, progress }) => {
      signal.throwIfAborted()
      const startedAtMs = retry.clock.now()
      const failure = connection.failure(model)
      const price = await priceOf(model, signal)
      const body = JSON.stringify({ ...fields, model })
      const request = connection.request('/embeddings', body)
      return withRetries(retry, signal, async (retries) => {
        if (progress !== undefined) progress.sent = false
        await limiter.acquire(model, signal)
        if (progress !== undefined) progress.sent = true
        const reply = await fetchWhole(endpoint, request, failure, signal)
        const latencyMs = retry.clock.now() - startedAtMs
        const characters = body.length
        return answerOf(reply, { failure, price, characters, latencyMs, retries })
      })
    },
  }
}

function answerOf(
  reply: WholeReply,
  context: {
    readonly failure: FailureContext
    readonly price: ModelPrice
    /** Of the request: they stand in where the provider counts no tokens. */
    readonly characters: number
    readonly latencyMs: number
    readonly retries: number
  },
): EmbeddingsAnswer {
  const { failure, price, latencyMs, retries } = context
  if (reply.status !== 200) throw failureOfReply(reply, failure)
  const body = parseJson(reply.text)
  const parsed = EmbeddingsReply.safeParse(body)
  if (!parsed.success) {
    const carried = ErrorReply.safeParse(body)
    throw carried.success
      ? failureOfWireError(carried.data.error, failure)
      : failureOfProtocol('sent a reply without embeddings in it', failure)
  }
  const { data, usage, model, id } = parsed.data
  return {
    data: data.map(({ embedding, index }, place) => ({ embedding, index: index ?? place })),
    usage: usage
      ? usageFromWire({ ...usage, completion_tokens: usage.completion_tokens ?? 0 }, price)
      : estimatedUsage({ prompt: context.characters, completion: 0 }, price),
    model: model ?? failure.model,
    ...(id !== undefined && { generationId: id }),
    latencyMs,
    retries,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
