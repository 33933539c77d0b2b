import { NotReadyError, UnknownModelError } from '../kernel/errors.ts'
import type {
  LocalModels,
  ModelAdapter,
  ModelCatalogue,
  ModelDescription,
} from '../kernel/model-adapter.ts'
import { closeNames } from './close-names.ts'

export type ModelRegistryOptions = {
  readonly catalogue: ModelCatalogue
  /** Undefined while the local models are being started, or where there are none. */
  readonly localModels: () => LocalModels | undefined
  readonly agents: readonly string[]
  /** Names that are answered elsewhere (`village`, `village/king`), offered when a name is close. */
  readonly otherNames?: readonly string[]
}

const localPrefix = 'local/'

/** Every model by its public name: `local/<agent>`, and the slugs of the provider's list. */
export function createModelRegistry(options: ModelRegistryOptions): ModelCatalogue {
  const { catalogue, localModels, agents } = options
  const ownNames = [...agents.map((agent) => localPrefix + agent), ...(options.otherNames ?? [])]

  const localAdapter = (id: string): ModelAdapter => {
    const agent = id.slice(localPrefix.length)
    if (!agents.includes(agent)) throw new UnknownModelError(id, closeNames(id, ownNames))
    const models = localModels()
    if (models === undefined) {
      throw new NotReadyError(`The local models are not ready yet, so "${id}" cannot answer.`)
    }
    return models.forAgent(agent)
  }

  return {
    list: async (signal): Promise<readonly ModelDescription[]> => {
      const models = localModels()
      const local =
        models === undefined ? [] : agents.map((agent) => models.forAgent(agent).description)
      return [...local, ...(await catalogue.list(signal))]
    },
    adapter: async (id, signal) => {
      if (id.startsWith(localPrefix)) return localAdapter(id)
      try {
        return await catalogue.adapter(id, signal)
      } catch (error) {
        if (!(error instanceof UnknownModelError)) throw error
        throw new UnknownModelError(id, [...closeNames(id, ownNames), ...error.closeModels])
      }
    },
  }
}
