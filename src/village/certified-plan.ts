import type { Comparison } from '../kernel/comparison.ts'
import type { Route } from '../kernel/decision.ts'
import type { GainTask } from '../routing/gain-model.ts'
import type { Plan } from './plan.ts'

/** How a task was routed; what its label needs later. */
export type CertifiedPlan = {
  readonly task: GainTask
  readonly route: Route
  readonly reason: string
  /** Expected gain of the frontier in [0, 1], calibrated; 1 while nothing is known. */
  readonly complexity: number
  /** The certified threshold on the same scale; 0 while nothing is certified. */
  readonly threshold: number
  readonly auditProbability: number
  readonly shadowProbability: number
  /** Least probability of a label over all tasks of the time; 0 where this task is not counted. */
  readonly floor: number
}

/** What the certificates decide takes the place of the learned threshold; the rest of the plan stays. */
export function withCertified(
  plan: Plan,
  certified: CertifiedPlan | null,
  coins: { readonly auditCoin: number; readonly shadowCoin: number },
): Plan {
  if (certified === null) return plan
  const { route, reason, complexity, threshold, shadowProbability } = certified
  const auditProbability = route === 'local' ? certified.auditProbability : 0
  return {
    ...plan,
    route,
    reason,
    complexity,
    threshold,
    policy: 'certified',
    auditProbability,
    audit: coins.auditCoin < auditProbability,
    shadowProbability,
    shadow: coins.shadowCoin < shadowProbability,
  }
}

/**
 * Only labels that were planned count: where a local answer failed and the frontier stood in, the
 * shadow run says nothing with a known probability.
 */
export function countsFor(plan: CertifiedPlan, comparison: Comparison): boolean {
  return comparison.source === (plan.route === 'local' ? 'audit' : 'shadow')
}
