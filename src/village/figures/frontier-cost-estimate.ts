import type { AgentName } from '../../kernel/agent-name.ts'
import { noMoney } from '../../kernel/money.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { JsonValue } from '../../kernel/json.ts'

type Mean = { readonly count: number; readonly nanoUsd: number }

const longestMemory = 50

/** What the frontier would have cost for a task served locally: the recent mean of its kind. */
export class FrontierCostEstimate {
  readonly #byKind = new Map<string, Mean>()
  readonly #byAgent = new Map<AgentName, Mean>()

  observe(agent: AgentName, kind: string, cost: NanoUsd): void {
    this.#byKind.set(kind, moved(this.#byKind.get(kind), cost))
    this.#byAgent.set(agent, moved(this.#byAgent.get(agent), cost))
  }

  estimate(agent: AgentName, kind: string): NanoUsd {
    const mean = this.#byKind.get(kind) ?? this.#byAgent.get(agent)
    return mean === undefined ? noMoney : (Math.round(mean.nanoUsd) as NanoUsd)
  }

  snapshot(): JsonValue {
    return { byKind: [...this.#byKind], byAgent: [...this.#byAgent] }
  }

  restore(value: JsonValue): void {
    const state = value as unknown as { byKind: [string, Mean][]; byAgent: [AgentName, Mean][] }
    for (const [kind, mean] of state.byKind) this.#byKind.set(kind, mean)
    for (const [agent, mean] of state.byAgent) this.#byAgent.set(agent, mean)
  }
}

/** A running mean that forgets: after `longestMemory` values it moves by a fixed step. */
function moved(mean: Mean | undefined, cost: NanoUsd): Mean {
  if (mean === undefined) return { count: 1, nanoUsd: cost }
  const count = Math.min(mean.count + 1, longestMemory)
  return { count, nanoUsd: mean.nanoUsd + (cost - mean.nanoUsd) / count }
}
