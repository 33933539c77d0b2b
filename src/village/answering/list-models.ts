import type { AgentName } from '../../kernel/agent-name.ts'
import type { LocalModels, ModelCatalogue } from '../../kernel/model-adapter.ts'
import { listedNames, localModelNames, resolveModel } from '../planning/resolve-model.ts'
import type { VillageModel } from '../village-service.ts'

type Sources = { readonly catalogue: ModelCatalogue; readonly local: LocalModels }

/** Every name that a client may use: the village's own, the local models', the provider's list. */
export async function listModels(
  { catalogue, local }: Sources,
  signal: AbortSignal,
): Promise<readonly VillageModel[]> {
  const frontier = await catalogue.list(signal)
  return [
    ...listedNames.map((id) => ({ id, agent: agentOf(id), description: null })),
    ...localModelNames.map((id) => ({
      id,
      agent: agentOf(id),
      description: local.forAgent(agentOf(id) ?? 'king').description,
    })),
    ...frontier.map((description) => ({ id: description.id, agent: null, description })),
  ]
}

/** Also finds names that mean something and stand in no list; throws `UnknownModelError`. */
export async function findModel(
  id: string,
  sources: Sources,
  signal: AbortSignal,
): Promise<VillageModel> {
  const listed = (await listModels(sources, signal)).find((model) => model.id === id)
  if (listed !== undefined) return listed
  const requested = resolveModel(id)
  if (requested.type !== 'frontier') return { id, agent: null, description: null }
  const { description } = await sources.catalogue.adapter(requested.slug, signal)
  return { id, agent: null, description }
}

function agentOf(modelName: string): AgentName | null {
  const name = modelName.split('/')[1]
  return name === 'king' || name === 'sage' || name === 'magi' ? name : null
}
