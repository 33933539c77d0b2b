import type { Dispatcher } from 'undici'
import type { Clock } from '../../kernel/clock.ts'
import type { ModelAdapter, ModelDescription } from '../../kernel/model-adapter.ts'
import type { Random } from '../../kernel/random.ts'
import { createChatModel, type Connection } from '../chat-completions/chat-model.ts'
import { createConnectionPool } from '../chat-completions/connection-pool.ts'
import { fetchWhole } from '../chat-completions/exchange.ts'
import { failureOfReply } from '../chat-completions/failure.ts'
import { createRateLimiter } from '../chat-completions/rate-limiter.ts'

export type OpenAICompatibleOptions = {
  /** How the server is called in messages, such as `north`. */
  readonly name: string
  /** Such as `http://10.0.0.5:8000/v1`. Nothing of a request changes host or path. */
  readonly baseUrl: string
  /** Sent as a bearer token; servers that ask for none get none. */
  readonly apiKey?: string | undefined
  readonly clock: Clock
  readonly random: Random
  /** Requests go through this instead of a pool of our own; it is not closed with us. */
  readonly dispatcher?: Dispatcher
  /** No limit when left out. */
  readonly requestsPerMinute?: number | undefined
  /** Longest time until an answer begins, and longest silence within it. */
  readonly timeoutMs?: number
  /** Calls in all for one answer, the first one included. */
  readonly attempts?: number
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens'
}

export type OpenAICompatibleServer = {
  /** `upstreamModel` is what the server calls the model; answers name it by the description's id. */
  model(description: ModelDescription, upstreamModel: string): ModelAdapter
  /** Rejects with `ModelCallError` when the server cannot be reached or is not able to serve. */
  probe(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

const longestProbeMs = 5000

/**
 * One server of OpenAI's chat completions: llama-server, vLLM, Ollama, LM Studio, another village.
 * The protocol: https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAICompatible(options: OpenAICompatibleOptions): OpenAICompatibleServer {
  const { clock, apiKey } = options
  const timeoutMs = options.timeoutMs ?? 120_000
  const url = new URL(options.baseUrl)
  const basePath = url.pathname.replace(/\/$/, '')
  const ownPool =
    options.dispatcher === undefined ? createConnectionPool(url.origin, timeoutMs) : undefined
  const headers = [
    ...(apiKey === undefined ? [] : ['authorization', `Bearer ${apiKey}`]),
    'content-type',
    'application/json',
  ]
  const endpoint = {
    dispatcher: (options.dispatcher ?? ownPool) as Dispatcher,
    origin: url.origin,
    timeoutMs,
  }
  const connection: Connection = {
    dialect: { maxTokensField: options.maxTokensField ?? 'max_tokens', asksForUsage: true },
    endpoint,
    request: (path, body) => ({ method: 'POST', path: `${basePath}${path}`, headers, body }),
    failure: (model) => ({
      model,
      providerName: `The server ${options.name}`,
      apiKey: apiKey ?? '',
      clock,
    }),
    limiter: createRateLimiter({ clock, limit: options.requestsPerMinute ?? Infinity }),
    retry: {
      clock,
      random: options.random,
      attempts: options.attempts ?? 1,
      firstBackOffMs: 500,
      longestBackOffMs: 8000,
      longestRetryAfterMs: timeoutMs,
    },
  }

  return {
    model: (description, upstreamModel) => createChatModel(description, connection, upstreamModel),
    probe: async (signal) => {
      const failure = connection.failure('its models list')
      const request = { method: 'GET' as const, path: `${basePath}/models`, headers, body: null }
      const patience = { ...endpoint, timeoutMs: Math.min(timeoutMs, longestProbeMs) }
      const reply = await fetchWhole(patience, request, failure, signal)
      // A server without a models list still shows that it lives.
      const alive = reply.status < 300 || reply.status === 404 || reply.status === 405
      if (!alive) throw failureOfReply(reply, failure)
    },
    close: async () => {
      connection.limiter.close()
      await ownPool?.destroy()
    },
  }
}
