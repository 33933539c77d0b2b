import type { Clock } from '../../kernel/clock.ts'
import { isQualityTarget, targetInWords } from '../../kernel/target.ts'
import type { Accounting } from '../figures/accounting.ts'
import type { AgentTargets } from './agent-targets.ts'
import type { Aim } from './aimed-plan.ts'
import type { FrontierCostEstimate } from '../figures/frontier-cost-estimate.ts'
import type { AimedTask } from './planned-task.ts'

/** Lets the optimizer see the task, and asks it for the threshold where the target is money or time. */
export function aimOf(
  { agent, kind, expectedLoss, auditProbability }: AimedTask,
  parts: {
    readonly targets: AgentTargets
    readonly costs: FrontierCostEstimate
    readonly accounting: Accounting
    readonly clock: Clock
  },
): Aim | null {
  const { targets, costs, accounting, clock } = parts
  const nowMs = clock.now()
  const { localLatencyMs, frontierLatencyMs } = accounting.agents[agent]
  targets.optimizer.observeTask(agent, {
    atMs: nowMs,
    expectedLoss,
    frontierCost: costs.estimate(agent, kind),
  })
  const target = targets.of(agent)
  if (isQualityTarget(target)) return null
  const aimed = targets.optimizer.aim(agent, {
    nowMs,
    spentTodayNanoUsd: accounting.spentToday(agent, nowMs),
    auditProbability,
    localLatencyMs,
    frontierLatencyMs,
  })
  if (aimed === null) return null
  const policy = 'budgetUsdPerDay' in target ? 'budget' : 'latency'
  return { ...aimed, policy, target: targetInWords(target) }
}
