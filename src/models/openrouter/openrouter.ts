import type { Dispatcher } from 'undici'
import type { Clock } from '../../kernel/clock.ts'
import type { EmbeddingModels } from '../../kernel/embeddings.ts'
import { UnknownModelError } from '../../kernel/errors.ts'
import type { ModelAdapter, ModelCatalogue, ModelDescription } from '../../kernel/model-adapter.ts'
import type { Random } from '../../kernel/random.ts'
import { closeNames } from '../close-names.ts'
import { createChatModel, type Connection } from '../chat-completions/chat-model.ts'
import { createConnectionPool } from '../chat-completions/connection-pool.ts'
import { fetchWhole, type HttpRequest } from '../chat-completions/exchange.ts'
import { failureOfProtocol, failureOfReply } from '../chat-completions/failure.ts'
import { createEmbeddingModels } from './embeddings.ts'
import { cautiousDescription, createModelsList } from './models-list.ts'
import { createRateLimiter } from '../chat-completions/rate-limiter.ts'
import { KeyReply } from './models-wire.ts'

export type OpenRouterOptions = {
  /** Such as `https://openrouter.ai/api/v1`. */
  readonly baseUrl: string
  readonly apiKey: string
  readonly clock: Clock
  readonly random: Random
  /** Requests go through this instead of a pool of our own; it is not closed with us. */
  readonly dispatcher?: Dispatcher
  readonly requestsPerMinute?: number
  /** Longest time until an answer begins, and longest silence within it. */
  readonly timeoutMs?: number
  /** Calls in all for one answer, the first one included. */
  readonly attempts?: number
  /** Shown in OpenRouter's own statistics. */
  readonly referer?: string
  readonly title?: string
  /** Models whose answers the operator states may be trained on. */
  readonly grantedModels?: readonly string[]
  readonly modelsTimeToLiveMs?: number
  readonly simulated: boolean
}

type KeyAllowance = {
  readonly usedUsd: number
  /** Null where the key has no limit. */
  readonly limitUsd: number | null
  readonly remainingUsd: number | null
}

export type OpenRouter = ModelCatalogue &
  EmbeddingModels & {
    /** What the key may still spend, from `GET /key`. */
    allowance(signal: AbortSignal): Promise<KeyAllowance>
    /** Requests that wait for the rate limit now. */
    waiting(): number
    close(): Promise<void>
  }

/** Every model of OpenRouter (or of a server that speaks its protocol) behind one key. */
export function createOpenRouter(options: OpenRouterOptions): OpenRouter {
  const { clock, simulated } = options
  const timeoutMs = options.timeoutMs ?? 30_000
  const url = new URL(options.baseUrl)
  const basePath = url.pathname.replace(/\/$/, '')
  const ownPool =
    options.dispatcher === undefined ? createConnectionPool(url.origin, timeoutMs) : undefined
  const headers = [
    'authorization',
    `Bearer ${options.apiKey}`,
    'content-type',
    'application/json',
    ...(options.referer === undefined ? [] : ['http-referer', options.referer]),
    ...(options.title === undefined ? [] : ['x-openrouter-title', options.title]),
  ]
  const connection: Connection = {
    dialect: { maxTokensField: 'max_tokens', asksForUsage: false },
    endpoint: {
      dispatcher: options.dispatcher ?? (ownPool as Dispatcher),
      origin: url.origin,
      timeoutMs,
    },
    request: (path, body) => ({ method: 'POST', path: `${basePath}${path}`, headers, body }),
    failure: (model) => ({
      model,
      providerName: simulated ? 'The simulated OpenRouter' : 'OpenRouter',
      apiKey: options.apiKey,
      clock,
    }),
    limiter: createRateLimiter({ clock, limit: options.requestsPerMinute ?? 50 }),
    retry: {
      clock,
      random: options.random,
      attempts: options.attempts ?? 3,
      firstBackOffMs: 500,
      longestBackOffMs: 8000,
      longestRetryAfterMs: timeoutMs,
    },
  }
  const getRequest = (path: string): HttpRequest => ({
    method: 'GET',
    path: `${basePath}${path}`,
    headers,
    body: null,
  })
  const grantedModels = options.grantedModels ?? []
  const models = createModelsList({
    endpoint: { ...connection.endpoint, timeoutMs: Math.min(timeoutMs, 10_000) },
    request: getRequest,
    failure: connection.failure('the models list'),
    clock,
    timeToLiveMs: options.modelsTimeToLiveMs ?? 3_600_000,
    retryAfterMs: 30_000,
    grantedModels,
    simulated,
  })
  /** One adapter per description, so that a call makes none. */
  const adapters = new WeakMap<ModelDescription, ModelAdapter>()
  const adapterOf = (description: ModelDescription): ModelAdapter => {
    const known = adapters.get(description)
    if (known !== undefined) return known
    const adapter = createChatModel(description, connection)
    adapters.set(description, adapter)
    return adapter
  }

  return {
    list: async (signal) => [...(await models.current(signal)).values()],
    adapter: async (id, signal) => {
      let known: ReadonlyMap<string, ModelDescription>
      try {
        known = await models.current(signal)
      } catch {
        signal.throwIfAborted()
        // Without the list a call may still go through; the provider refuses a wrong slug itself.
        return adapterOf(cautiousDescription(id, grantedModels.includes(id), simulated))
      }
      const description = known.get(id) ?? otherNameOf(id, known)
      if (description === undefined) {
        throw new UnknownModelError(id, closeNames(id, [...known.keys()]))
      }
      return adapterOf(description)
    },
    adapterAtHand: (id) => {
      const description = models.fresh()?.get(id)
      return description === undefined ? undefined : adapterOf(description)
    },
    ...createEmbeddingModels(connection, async (id, signal) => {
      const known = await models.current(signal).catch(() => undefined)
      return (known?.get(id) ?? cautiousDescription(id, false, simulated)).price
    }),
    allowance: async (signal) => {
      const failure = connection.failure('the key')
      const reply = await fetchWhole(connection.endpoint, getRequest('/key'), failure, signal)
      if (reply.status !== 200) throw failureOfReply(reply, failure)
      const parsed = KeyReply.safeParse(JSON.parse(reply.text))
      if (!parsed.success) throw failureOfProtocol('sent a reply that cannot be read', failure)
      const { usage, limit, limit_remaining: remaining } = parsed.data.data
      return { usedUsd: usage, limitUsd: limit ?? null, remainingUsd: remaining ?? null }
    },
    waiting: () => connection.limiter.waiting(),
    close: async () => {
      connection.limiter.close()
      await ownPool?.destroy()
    },
  }
}

/** What is no name of the list and still has a meaning for the provider, or one for who uses it. */
function otherNameOf(
  id: string,
  known: ReadonlyMap<string, ModelDescription>,
): ModelDescription | undefined {
  return variantOf(id, known) ?? withoutMaker(id, known)
}

/** `gpt-4o` of a client that was made for one provider is `openai/gpt-4o`, where no other ends so. */
function withoutMaker(
  id: string,
  known: ReadonlyMap<string, ModelDescription>,
): ModelDescription | undefined {
  if (id.includes('/')) return undefined
  const ending = `/${id}`
  const found = [...known.keys()].filter((name) => name.endsWith(ending))
  const [only] = found
  return found.length === 1 && only !== undefined ? known.get(only) : undefined
}

/** `:online`, `:nitro` and `:floor` change how a listed model is called, and are not listed themselves. */
function variantOf(
  id: string,
  known: ReadonlyMap<string, ModelDescription>,
): ModelDescription | undefined {
  const base = /^(.+):(?:online|nitro|floor|exacto)$/.exec(id)?.[1]
  const description = base === undefined ? undefined : known.get(base)
  return description === undefined ? undefined : { ...description, id }
}
