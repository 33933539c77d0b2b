import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import type { ModelAdapter, ModelCatalogue } from '../kernel/model-adapter.ts'
import type { VillageSettings } from '../village/settings.ts'

/**
 * The candidates of each agent, cheapest first by list price (of a prompt and a completion token
 * together). One that is unknown, or not cheaper than the agent's own frontier model, is reported and
 * left out until the next start; so are all of an agent whose models cannot be looked up.
 */
export async function cheaperModels(
  agents: VillageSettings['agents'],
  parts: {
    readonly catalogue: ModelCatalogue
    readonly signal: AbortSignal
    readonly onLeftOut: (agent: AgentName, model: string, why: string) => void
  },
): Promise<Readonly<Record<AgentName, readonly string[]>>> {
  const found: Record<AgentName, readonly string[]> = { king: [], sage: [], magi: [] }
  for (const agent of agentNames) {
    const { frontierModel, candidates } = agents[agent]
    if (candidates.length === 0) continue
    const own = await parts.catalogue.adapter(frontierModel, parts.signal).catch(() => null)
    const cheaper: { readonly model: string; readonly price: number }[] = []
    for (const model of candidates) {
      const adapter = await parts.catalogue.adapter(model, parts.signal).catch(() => null)
      const why =
        own === null || adapter === null
          ? 'its price cannot be looked up'
          : priceOf(adapter) >= priceOf(own)
            ? `it is not cheaper than ${frontierModel}`
            : null
      if (why !== null || adapter === null) parts.onLeftOut(agent, model, why ?? 'it is unknown')
      else cheaper.push({ model, price: priceOf(adapter) })
    }
    found[agent] = cheaper
      .toSorted((left, right) => left.price - right.price)
      .map(({ model }) => model)
  }
  return found
}

function priceOf({ description }: ModelAdapter): number {
  return description.price.prompt + description.price.completion
}
