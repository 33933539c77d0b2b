import type { AgentName } from '../../kernel/agent-name.ts'
import { isQualityTarget, targetInWords } from '../../kernel/target.ts'
import type { Target } from '../../kernel/target.ts'
import type { AgentTargets } from './agent-targets.ts'
import type { TaskRouter } from './task-router.ts'

/** A target as the status shows it; of its four numbers only its own are there. */
export type TargetView = {
  readonly alpha?: number
  readonly delta?: number
  readonly budgetUsdPerDay?: number
  readonly latencyMs?: number
  readonly words: string
  /** False for money and time: no share of lost answers is then promised. */
  readonly boundsQuality: boolean
  /** Why it cannot be met, one sentence; null while it can. */
  readonly unmet: string | null
}

/** What may be changed from outside while the village runs. */
export type SettableTargets = {
  /** Resolves once the target is in force and a restart would take it up again. */
  set(agent: AgentName, target: Target): Promise<TargetView>
}

type Parts = { readonly targets: AgentTargets; readonly router: TaskRouter }

export function settableTargets(parts: Parts): SettableTargets {
  return {
    set: async (agent, target) => {
      await parts.targets.set(agent, target)
      return targetView(agent, parts)
    },
  }
}

export function targetView(agent: AgentName, parts: Parts): TargetView {
  const target = parts.targets.of(agent)
  return {
    ...target,
    words: targetInWords(target),
    boundsQuality: isQualityTarget(target),
    unmet: parts.router.inForce(agent).unmet,
  }
}
