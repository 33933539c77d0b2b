import type { Dispatcher } from 'undici'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { EmbeddingModels } from '../kernel/embeddings.ts'
import { InvalidRequestError, UnknownModelError } from '../kernel/errors.ts'
import type { ModelCatalogue } from '../kernel/model-adapter.ts'
import type { Random } from '../kernel/random.ts'
import { createOpenRouter } from '../models/openrouter/openrouter.ts'
import { createReplicatedCatalogue } from '../serving/replicated-catalogue.ts'
import type { ReplicaStatus } from '../serving/replicated-model.ts'
import type { VillageSettings } from '../village/settings.ts'
import { createOwnModels } from './own-models.ts'

export type FrontierKey = { readonly name: string; readonly apiKey: string }

export type FrontierCatalogueOptions = {
  readonly settings: Pick<VillageSettings, 'frontier' | 'servers' | 'models'>
  readonly frontier: {
    readonly baseUrl: string
    readonly apiKey: string
    readonly simulated: boolean
    readonly dispatcher?: Dispatcher
    /** Keys beside the first; calls are spread over all of them. */
    readonly otherKeys?: readonly FrontierKey[]
  }
  readonly environment: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly random: Random
}

export type FrontierCatalogue = ModelCatalogue &
  EmbeddingModels & {
    /** Models with replicas, and how each replica does. */
    replicas(): readonly { readonly model: string; readonly replicas: readonly ReplicaStatus[] }[]
    /** Takes over what may change while the village runs: weights and draining. */
    apply(settings: Pick<VillageSettings, 'servers' | 'models'>): void
    close(): Promise<void>
  }

/** Every model that is not local: the operator's own servers first, then OpenRouter. */
export function createFrontierCatalogue(options: FrontierCatalogueOptions): FrontierCatalogue {
  const { settings, environment, random } = options
  // Servers take real time, also in a simulation.
  const own = createOwnModels({ settings, environment, clock: systemClock, random })
  const openRouter = openRouterBehindKeys(options)

  return {
    list: async (signal) => {
      const listed = await openRouter.list(signal)
      return [...own.descriptions, ...listed.filter(({ id }) => own.adapter(id) === undefined)]
    },
    adapter: async (id, signal) => {
      const adapter = own.adapter(id)
      if (adapter !== undefined) return adapter
      try {
        return await openRouter.adapter(id, signal)
      } catch (error) {
        throw error instanceof UnknownModelError ? own.unknown(error) : error
      }
    },
    adapterAtHand: (id) => own.adapter(id) ?? openRouter.adapterAtHand?.(id),
    embed: async (request, callOptions) => {
      if (own.adapter(request.model) !== undefined) throw embedsNothing(request.model)
      return openRouter.embed(request, callOptions)
    },
    embeddingPrice: (model, signal) => openRouter.embeddingPrice(model, signal),
    replicas: () => [...own.status(), ...openRouter.replicas()],
    apply: (changed) => own.apply(changed),
    close: async () => {
      await Promise.all([own.close(), openRouter.close()])
    },
  }
}

function embedsNothing(model: string): InvalidRequestError {
  return new InvalidRequestError(
    `"${model}" is a model of the operator's own servers, which are asked for chats only.`,
    { param: 'model' },
  )
}

function openRouterBehindKeys(
  options: FrontierCatalogueOptions,
): ModelCatalogue & EmbeddingModels & Pick<FrontierCatalogue, 'replicas' | 'close'> {
  const { settings, clock, random } = options
  const { otherKeys = [], ...frontier } = options.frontier
  const { requestsPerMinute, timeoutMs, attempts, grantedModels } = settings.frontier
  const connect = (apiKey: string, attemptsOfKey: number) =>
    createOpenRouter({
      requestsPerMinute,
      timeoutMs,
      grantedModels,
      ...frontier,
      apiKey,
      attempts: attemptsOfKey,
      clock,
      random,
      title: 'AI Village',
    })
  if (otherKeys.length === 0) {
    const only = connect(frontier.apiKey, attempts)
    return { ...only, replicas: () => [] }
  }
  const firstName = settings.frontier.apiKeyVariables[0] ?? 'the first key'
  const first = { name: firstName, catalogue: connect(frontier.apiKey, 1) }
  const others = otherKeys.map(({ name, apiKey }) => ({ name, catalogue: connect(apiKey, 1) }))
  const balanced = createReplicatedCatalogue({
    replicas: [first, ...others],
    clock,
    random,
    rounds: attempts,
    longestWaitMs: timeoutMs,
  })
  return {
    list: (signal) => balanced.list(signal),
    adapter: (id, signal) => balanced.adapter(id, signal),
    embed: (request, callOptions) => first.catalogue.embed(request, callOptions),
    embeddingPrice: (model, signal) => first.catalogue.embeddingPrice(model, signal),
    replicas: () => balanced.status(),
    close: async () => {
      await Promise.all([first, ...others].map(({ catalogue }) => catalogue.close()))
    },
  }
}
