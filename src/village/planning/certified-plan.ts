import type { Comparison } from '../../kernel/comparison.ts'
import type { Route, Weighed } from '../../kernel/decision.ts'
import type { CascadeTask } from '../../routing/cascade-scorer.ts'
import type { CertifiedDecision } from '../../routing/certified-routing.ts'
import type { Plan } from './plan.ts'

/** What can be compared of the tasks of a time, whatever they hold. */
export type PossibleChecks = {
  /** The least audit probability that the learning side asks for. */
  readonly advised: number
  /** Has the local runtime room for shadow runs? */
  readonly canShadow: boolean
  /** How often shadow runs are made where they can be; always when left out. */
  readonly shadowProbability?: number
  /** False while there is no money for audits. */
  readonly canAudit?: boolean
}

/** How a task was routed; what its label needs later. */
export type CertifiedPlan = {
  /** With the local answer, once there is one: what a label is scored by. */
  readonly task: CascadeTask
  readonly decision: CertifiedDecision
  readonly weighed: readonly Weighed[]
  /** What a local answer is served by; null while nothing is certified. */
  readonly certificate: {
    readonly epoch: number
    readonly alpha: number
    readonly delta: number
  } | null
  /** Is the local answer judged before it may leave? */
  readonly isJudged: boolean
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
  /** How long the local answer took, once there is one. */
  readonly localRun?: { readonly latencyMs: number; readonly tokens: number }
}

/** What the certificates decide takes the place of the learned threshold; the rest of the plan stays. */
export function withCertified(
  plan: Plan,
  certified: CertifiedPlan | null,
  coins: { readonly auditCoin: number; readonly shadowCoin: number },
): Plan {
  if (certified === null) return plan
  const { route, reason, complexity, threshold, shadowProbability, weighed, certificate } =
    certified
  const auditProbability = route === 'local' ? certified.auditProbability : 0
  return {
    ...plan,
    route,
    reason,
    weighed,
    ...(certificate !== null && { certificate }),
    complexity,
    threshold,
    policy: 'certified',
    auditProbability,
    audit: coins.auditCoin < auditProbability,
    shadowProbability,
    shadow: coins.shadowCoin < shadowProbability,
  }
}

export type CertifiedSource = 'audit' | 'shadow' | 'handover'

/**
 * Only labels that were planned count: where a local answer failed and the frontier stood in, the
 * shadow run says nothing with a known probability. Null for a comparison that does not count.
 */
export function countsAs(plan: CertifiedPlan, { source }: Comparison): CertifiedSource | null {
  if (plan.route === 'frontier') return source === 'shadow' ? source : null
  return source === 'audit' || source === 'handover' ? source : null
}

/** How likely the label was; a handover shows both answers for sure. */
export function probabilityOf(plan: CertifiedPlan, source: CertifiedSource): number {
  if (source === 'handover') return 1
  return source === 'audit' ? plan.auditProbability : plan.shadowProbability
}

/** The same task as one that no certificate counts. */
export function notCounted<Planned extends { readonly certified: CertifiedPlan | null }>(
  planned: Planned,
): Planned {
  const { certified } = planned
  return certified === null ? planned : { ...planned, certified: { ...certified, floor: 0 } }
}
