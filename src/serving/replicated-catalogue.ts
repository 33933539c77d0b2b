import type { ModelAdapter, ModelCatalogue } from '../kernel/model-adapter.ts'
import {
  createReplicatedModel,
  type ReplicatedModel,
  type ReplicatedModelOptions,
  type ReplicaStatus,
} from './replicated-model.ts'

type CatalogueReplica = {
  readonly name: string
  readonly catalogue: ModelCatalogue
}

export type ReplicatedCatalogueOptions = Omit<
  ReplicatedModelOptions,
  'description' | 'replicas' | 'probes'
> & {
  /** Several keys of one provider; the first one's list is the list. */
  readonly replicas: readonly [CatalogueReplica, ...CatalogueReplica[]]
}

export type ReplicatedCatalogue = ModelCatalogue & {
  /** Of the models first called, as many as one wants to read. */
  status(): readonly { readonly model: string; readonly replicas: readonly ReplicaStatus[] }[]
}

/** Models whose health is remembered; a provider lists some hundreds. */
const mostModels = 1000
const mostInStatus = 50

type Known = {
  /** Another one stands for a newer list of the provider. */
  readonly first: ModelAdapter
  readonly adapter: ModelAdapter
  readonly model: ReplicatedModel
}

/** Every model of a provider through several keys: each model has its replicas' health of its own. */
export function createReplicatedCatalogue(
  options: ReplicatedCatalogueOptions,
): ReplicatedCatalogue {
  const [primary, ...others] = options.replicas
  const known = new Map<string, Known>()

  return {
    list: (signal) => primary.catalogue.list(signal),
    adapter: async (id, signal) => {
      const first = await primary.catalogue.adapter(id, signal)
      const before = known.get(id)
      if (before?.first === first) return before.adapter
      const adapters = new Map([[primary.name, first]])
      for (const { name, catalogue } of others) {
        const adapter = await catalogue.adapter(id, signal).catch(() => undefined)
        signal.throwIfAborted()
        // One whose list does not have the model yet is left out until there is a newer list.
        if (adapter !== undefined) adapters.set(name, adapter)
      }
      const earlier = known.get(id)?.model
      const model = earlier ?? createReplicatedModel({ ...options, ...replicasOf(first, adapters) })
      const adapter = earlier?.renewed(first.description, adapters) ?? model.adapter
      remember(known, id, { first, adapter, model })
      return adapter
    },
    status: () =>
      [...known]
        .slice(0, mostInStatus)
        .map(([model, entry]) => ({ model, replicas: entry.model.status() })),
  }
}

function replicasOf(first: ModelAdapter, adapters: ReadonlyMap<string, ModelAdapter>) {
  return {
    description: first.description,
    replicas: [...adapters].map(([name, adapter]) => ({
      name,
      adapter,
      weight: 1,
      draining: false,
    })),
  }
}

function remember(known: Map<string, Known>, id: string, entry: Known): void {
  known.delete(id)
  known.set(id, entry)
  const oldest = known.keys().next().value
  if (known.size > mostModels && oldest !== undefined) known.delete(oldest)
}
