import type { AgentName } from '../../kernel/agent-name.ts'
import { isQualityTarget } from '../../kernel/target.ts'
import type { Target } from '../../kernel/target.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import type { TaskRouterParts } from './task-router-parts.ts'

/** What becomes of an agent's threshold by another target; nothing by one of money or time. */
export function retargeted(
  agent: AgentName,
  target: Target,
  parts: Pick<TaskRouterParts, 'thresholds' | 'certified' | 'chain' | 'clock'>,
): readonly ThresholdChange[] {
  if (!isQualityTarget(target)) return []
  const { certified, chain, thresholds, clock } = parts
  const now = clock.now()
  const change = thresholds.retarget(agent, target, now)
  if (certified === undefined) return change === null ? [] : [change]
  // Each model has a bound of its own: together they must not be wrong more often than was said.
  const delta = target.delta / (chain?.boundedModels(agent) ?? 1)
  certified.retarget(agent, { alpha: target.alpha, delta })
  chain?.retarget(agent, { alpha: target.alpha, delta })
  return certified.takeChanges(agent, now)
}
