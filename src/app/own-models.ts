import type { Clock } from '../kernel/clock.ts'
import { InvalidRequestError, UnknownModelError } from '../kernel/errors.ts'
import type { ModelAdapter, ModelDescription } from '../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../kernel/money.ts'
import type { Random } from '../kernel/random.ts'
import { closeNames } from '../models/close-names.ts'
import { createOpenAICompatible } from '../models/openai-compatible/openai-compatible.ts'
import type { OpenAICompatibleServer } from '../models/openai-compatible/openai-compatible.ts'
import { createReplicatedModel } from '../serving/replicated-model.ts'
import type { ReplicatedModel, ReplicaStatus } from '../serving/replicated-model.ts'
import type { OwnModelSettings } from '../village/replica-settings.ts'
import type { VillageSettings } from '../village/settings.ts'

type OwnModelsSettings = Pick<VillageSettings, 'servers' | 'models'>

export type OwnModelsOptions = {
  readonly settings: OwnModelsSettings
  readonly environment: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly random: Random
}

export type OwnModels = {
  readonly descriptions: readonly ModelDescription[]
  adapter(id: string): ModelAdapter | undefined
  /** The error for a name that is unknown here and at the provider, with names close to it. */
  unknown(error: UnknownModelError): UnknownModelError
  status(): readonly { readonly model: string; readonly replicas: readonly ReplicaStatus[] }[]
  /** Takes over weights and draining; anything else needs a new start. */
  apply(settings: OwnModelsSettings): void
  close(): Promise<void>
}

/** The models of the operator's own servers. Throws `InvalidRequestError` when a key is missing. */
export function createOwnModels(options: OwnModelsOptions): OwnModels {
  const { settings, clock, random } = options
  const servers = new Map(
    Object.entries(settings.servers).map(([name, { apiKeyVariable, ...server }]) => [
      name,
      createOpenAICompatible({
        ...server,
        name,
        apiKey: keyFrom(options.environment, apiKeyVariable, name),
        clock,
        random,
      }),
    ]),
  )
  const models = new Map(
    Object.entries(settings.models).map(([id, model]) => [
      id,
      replicatedModel(id, model, { servers, clock, random }),
    ]),
  )

  return {
    descriptions: [...models.values()].map(({ adapter }) => adapter.description),
    adapter: (id) => models.get(id)?.adapter,
    unknown: ({ model, closeModels }) =>
      new UnknownModelError(model, [...closeNames(model, [...models.keys()]), ...closeModels]),
    status: () => [...models].map(([id, model]) => ({ model: id, replicas: model.status() })),
    apply: (changed) => {
      for (const [id, model] of models) {
        for (const { server, weight, draining } of changed.models[id]?.replicas ?? []) {
          model.change(server, { weight, draining })
        }
      }
    },
    close: async () => {
      await Promise.all([...models.values()].map((model) => model.close()))
      await Promise.all([...servers.values()].map((server) => server.close()))
    },
  }
}

function keyFrom(
  environment: NodeJS.ProcessEnv,
  variable: string | undefined,
  server: string,
): string | undefined {
  if (variable === undefined) return undefined
  const key = environment[variable]
  if (key !== undefined && key !== '') return key
  throw new InvalidRequestError(
    `The server "${server}" of village.json takes its key from ${variable}, which is not set. Set it, or take apiKeyVariable out.`,
  )
}

function replicatedModel(
  id: string,
  model: OwnModelSettings,
  parts: {
    readonly servers: ReadonlyMap<string, OpenAICompatibleServer>
    readonly clock: Clock
    readonly random: Random
  },
): ReplicatedModel {
  const description = descriptionOf(id, model)
  const replicas = model.replicas.map(({ server: name, model: upstream, weight, draining }) => {
    const server = parts.servers.get(name)
    if (server === undefined) throw new InvalidRequestError(`There is no server "${name}"`)
    return {
      name,
      adapter: server.model(description, upstream ?? id),
      weight,
      draining,
      probe: (signal: AbortSignal) => server.probe(signal),
    }
  })
  return createReplicatedModel({
    description,
    replicas,
    clock: parts.clock,
    random: parts.random,
  })
}

function descriptionOf(id: string, model: OwnModelSettings): ModelDescription {
  const { contextLength, maxCompletionTokens, distillable } = model
  return {
    id,
    kind: 'frontier',
    contextLength,
    ...(maxCompletionTokens !== undefined && { maxCompletionTokens }),
    price: {
      prompt: picoUsdPerToken(model.promptUsdPerMillion),
      completion: picoUsdPerToken(model.completionUsdPerMillion),
    },
    distillable,
    supportedParameters: model.supportedParameters,
    inputModalities: model.inputModalities,
    simulated: false,
  }
}

function picoUsdPerToken(usdPerMillion: number): PicoUsdPerToken {
  return Math.round(usdPerMillion * 1e6) as PicoUsdPerToken
}
