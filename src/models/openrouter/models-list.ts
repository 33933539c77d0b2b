import type { Clock } from '../../kernel/clock.ts'
import type { Distillable, ModelDescription } from '../../kernel/model-adapter.ts'
import { parsePricePerToken, type PicoUsdPerToken } from '../../kernel/money.ts'
import { fetchWhole, type Endpoint, type HttpRequest } from '../chat-completions/exchange.ts'
import {
  failureOfProtocol,
  failureOfReply,
  type FailureContext,
} from '../chat-completions/failure.ts'
import { ModelItem, ModelsReply } from './models-wire.ts'

export type ModelsList = {
  /** The list, at most a time-to-live old; rejects with `ModelCallError` when there is none. */
  current(signal: AbortSignal): Promise<ReadonlyMap<string, ModelDescription>>
  /** The list where it is at hand and need not be fetched anew. */
  fresh(): ReadonlyMap<string, ModelDescription> | undefined
}

export type ModelsListOptions = {
  readonly endpoint: Endpoint
  readonly request: (path: string) => HttpRequest
  readonly failure: FailureContext
  readonly clock: Clock
  readonly timeToLiveMs: number
  /** After a failure the list is left alone for this long. */
  readonly retryAfterMs: number
  readonly grantedModels: readonly string[]
  readonly simulated: boolean
}

export function createModelsList(options: ModelsListOptions): ModelsList {
  const { clock } = options
  let models: ReadonlyMap<string, ModelDescription> | undefined
  let fetchedAtMs = -Infinity
  let failure: { readonly error: unknown; readonly atMs: number } | undefined
  let underWay: Promise<ReadonlyMap<string, ModelDescription>> | undefined

  const refresh = async (): Promise<ReadonlyMap<string, ModelDescription>> => {
    try {
      models = await fetchModels(options)
      fetchedAtMs = clock.now()
      failure = undefined
      return models
    } catch (error) {
      failure = { error, atMs: clock.now() }
      throw error
    } finally {
      underWay = undefined
    }
  }
  const mayFetch = (): boolean =>
    failure === undefined || clock.now() - failure.atMs >= options.retryAfterMs

  const isStale = (): boolean => clock.now() - fetchedAtMs >= options.timeToLiveMs

  return {
    fresh: () => (isStale() ? undefined : models),
    current: (signal) => {
      if (signal.aborted) return Promise.reject(signal.reason as Error)
      if (models !== undefined) {
        // An old list serves until the new one is there: no request waits for it.
        if (isStale() && underWay === undefined && mayFetch()) {
          underWay = refresh()
          underWay.catch(() => undefined)
        }
        return Promise.resolve(models)
      }
      if (underWay === undefined && failure !== undefined && !mayFetch()) {
        return Promise.reject(failure.error)
      }
      underWay ??= refresh()
      return raceWithSignal(underWay, signal)
    },
  }
}

/** The fetch serves everyone who waits, so one caller's abort does not end it. */
function raceWithSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

async function fetchModels(
  options: ModelsListOptions,
): Promise<ReadonlyMap<string, ModelDescription>> {
  const [all, distillable] = await Promise.all([
    fetchItems('/models', options),
    fetchItems('/models?distillable=true', options),
  ])
  const mayBeTrainedOn = new Set(distillable.map((item) => item.id))
  const granted = new Set(options.grantedModels)
  const models = new Map<string, ModelDescription>()
  for (const item of all) {
    const rightToTrain = mayBeTrainedOn.has(item.id)
      ? 'yes'
      : granted.has(item.id)
        ? 'granted'
        : 'no'
    const description = descriptionOf(item, rightToTrain, options.simulated)
    if (description !== undefined) models.set(item.id, description)
  }
  return models
}

async function fetchItems(path: string, options: ModelsListOptions): Promise<readonly ModelItem[]> {
  const { failure } = options
  const reply = await fetchWhole(
    options.endpoint,
    options.request(path),
    options.failure,
    new AbortController().signal,
  )
  if (reply.status !== 200) throw failureOfReply(reply, failure)
  const parsed = ModelsReply.safeParse(parseJson(reply.text))
  if (!parsed.success) throw failureOfProtocol('sent a models list that cannot be read', failure)
  return parsed.data.data.flatMap((item) => {
    const model = ModelItem.safeParse(item)
    return model.success ? [model.data] : []
  })
}

/** Undefined for an entry without a price of its own (a router such as `openrouter/auto` varies). */
function descriptionOf(
  item: ModelItem,
  distillable: Distillable,
  simulated: boolean,
): ModelDescription | undefined {
  const maxCompletionTokens = item.top_provider?.max_completion_tokens
  return {
    id: item.id,
    kind: 'frontier',
    contextLength: item.context_length ?? cautious.contextLength,
    ...(typeof maxCompletionTokens === 'number' && { maxCompletionTokens }),
    price: {
      prompt: parsePricePerToken(item.pricing.prompt) ?? cautious.price.prompt,
      completion: parsePricePerToken(item.pricing.completion) ?? cautious.price.completion,
    },
    distillable,
    supportedParameters: item.supported_parameters ?? [],
    inputModalities: item.architecture?.input_modalities ?? ['text'],
    ...(item.architecture?.output_modalities && {
      outputModalities: item.architecture.output_modalities,
    }),
    ...(item.name && { name: item.name }),
    ...(item.default_parameters && { defaultParameters: item.default_parameters }),
    ...(typeof item.created === 'number' && { createdAtMs: item.created * 1000 }),
    simulated,
  }
}

/** Where the list says nothing: a small context, and a price as high as the dearest models'. */
const cautious = {
  contextLength: 8192,
  price: {
    prompt: 15_000_000 as PicoUsdPerToken,
    completion: 75_000_000 as PicoUsdPerToken,
  },
} as const

/** Stands in while the list cannot be had: nothing it says is more than what is safe to assume. */
export function cautiousDescription(
  id: string,
  granted: boolean,
  simulated: boolean,
): ModelDescription {
  return {
    id,
    kind: 'frontier',
    ...cautious,
    distillable: granted ? 'granted' : 'no',
    supportedParameters: [],
    inputModalities: ['text'],
    simulated,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
