/**
 * Watches what is served locally under a certificate. Tested is "the loss is at most α", by betting
 * against it with an e-detector (Shin, Ramdas and Rinaldo, arXiv 2203.03532, of the CUSUM kind): each
 * audit starts a new bet, the best of them counts, and while the loss is at most α the alarm comes
 * after `alarmWealth` audits or more on average. A false alarm costs savings, never quality.
 */
export type DriftState = {
  /** By alternative: the largest wealth of all bets that were started so far. */
  readonly logWealth: readonly number[]
  readonly audits: number
  /** Audits since the leading bet was started. */
  readonly auditsSinceStart: number
}

export type DriftAudit = {
  readonly loss: boolean
  readonly probability: number
  /** As for the certificate: the least probability of all tasks of the time. */
  readonly floor: number
}

const alarmWealth = 2000
/** The losses that the bets are best against, as multiples of α, and at most this share. */
const alternatives = [2, 5] as const
const largestAlternative = 0.6

export const noDrift: DriftState = {
  logWealth: alternatives.map(() => 0),
  audits: 0,
  auditsSinceStart: 0,
}

export function recordDriftAudit(state: DriftState, audit: DriftAudit, alpha: number): DriftState {
  const weight = audit.floor / audit.probability
  const logWealth = alternatives.map((multiple, at) => {
    const alternative = Math.max(alpha, Math.min(largestAlternative, multiple * alpha))
    const bet = (alternative - alpha) / (alpha * (1 - alpha))
    const outcome = (audit.loss ? 1 : 0) - alpha
    return Math.max(0, state.logWealth[at] ?? 0) + Math.log1p(weight * bet * outcome)
  })
  return {
    logWealth,
    audits: state.audits + 1,
    auditsSinceStart: logWealth.some((value) => value > 0) ? state.auditsSinceStart + 1 : 0,
  }
}

/** True when what is served locally has become worse than was certified. */
export function hasDrifted(state: DriftState): boolean {
  return driftWealth(state) >= Math.log(alarmWealth)
}

/** True when it may be about to: audits should come more often. */
export function isDriftSuspected(state: DriftState): boolean {
  return driftWealth(state) >= Math.log(10)
}

function driftWealth(state: DriftState): number {
  return Math.max(...state.logWealth)
}
