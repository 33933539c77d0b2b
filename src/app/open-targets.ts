import type { StateStore } from '../kernel/stores.ts'
import { AgentTargets } from '../village/planning/agent-targets.ts'
import type { FileTargets } from '../village/planning/agent-targets.ts'
import type { VillageSettings } from '../village/settings.ts'

/** The targets of a home folder. Under the policy `learned` the default is its `targetLoss`. */
export function openTargets(states: StateStore, settings: VillageSettings): Promise<AgentTargets> {
  const { policy, alpha, delta, targetLoss } = settings.routing
  const otherwise = { alpha: policy === 'certified' ? alpha : targetLoss, delta }
  return AgentTargets.open({ states, inFile: targetsInFile(settings), otherwise })
}

export function targetsInFile({ agents }: VillageSettings): FileTargets {
  const { king, sage, magi } = agents
  return { king: king.target ?? null, sage: sage.target ?? null, magi: magi.target ?? null }
}
