import { certifiedThreshold, recordLabel, type Certificate } from './certificate.ts'
import { recordDriftAudit, type DriftState } from './drift-test.ts'
import type { FrozenScorer } from './frozen-scorer.ts'

export type RoutingLabel<Task> = {
  readonly task: Task
  readonly probability: number
  readonly floor: number
  readonly servedLocally: boolean
  readonly frontierRight: boolean
  readonly localRight: boolean
}

/** One frozen scorer with the certificate that it earns. */
export type Epoch<Task> = {
  readonly scorer: FrozenScorer<Task>
  /** The share of past tasks at or below each threshold. */
  readonly shares: readonly number[]
  certificate: Certificate
  drift: DriftState
}

/** Counts one label. Returns the threshold that it certified, or null. */
export function countLabel<Task>(epoch: Epoch<Task>, label: RoutingLabel<Task>): number | null {
  const score = epoch.scorer.score(label.task)
  if (Number.isNaN(score)) return null
  const { probability, floor, servedLocally, frontierRight, localRight } = label
  const loss = frontierRight && !localRight
  const before = certifiedThreshold(epoch.certificate)
  if (servedLocally && before !== null && score <= before) {
    const { alpha } = epoch.certificate.terms
    epoch.drift = recordDriftAudit(epoch.drift, { loss, probability, floor }, alpha)
  }
  epoch.certificate = recordLabel(epoch.certificate, { score, probability, floor, loss })
  const after = certifiedThreshold(epoch.certificate)
  return after === before ? null : after
}

/** How much of the past tasks the certified threshold would have let stay. */
export function shareOf(epoch: Epoch<unknown> | null): number {
  return epoch === null ? 0 : (epoch.shares[epoch.certificate.certified - 1] ?? 0)
}
