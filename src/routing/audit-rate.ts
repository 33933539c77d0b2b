import type { Certificate } from './certificate.ts'
import { deltaOfEpoch, lossEstimate } from './certificate.ts'
import type { DriftState } from './drift-test.ts'
import { isDriftSuspected } from './drift-test.ts'

export type AuditRates = {
  /** While auditing more may certify more, or something looks wrong. */
  readonly high: number
  /** When the bound is safe; above 0. */
  readonly low: number
  /** A threshold is pursued while it seems to need at most this many more labels. */
  readonly labelsWorthAsking: number
}

export const defaultAuditRates: AuditRates = { high: 0.3, low: 0.05, labelsWorthAsking: 1500 }

/**
 * With which probability the next local answers are audited. It depends on the labels so far and
 * on nothing of the task itself: that is what keeps the certificate's bets fair.
 */
export function auditRate(
  certificate: Certificate,
  drift: DriftState,
  rates: AuditRates = defaultAuditRates,
): number {
  if (isDriftSuspected(drift)) return rates.high
  const remaining = labelsToNextThreshold(certificate)
  return remaining !== null && remaining <= rates.labelsWorthAsking ? rates.high : rates.low
}

/** How many more labels the next threshold needs if it goes on as it seems; null when it never will. */
export function labelsToNextThreshold(certificate: Certificate): number | null {
  const { terms, evidence, certified } = certificate
  const next = evidence[certified]
  if (next === undefined) return null
  const expected = lossEstimate(next, terms.expectedLoss[certified] ?? terms.alpha)
  if (expected >= 0.9 * terms.alpha) return null
  const missing = Math.log(1 / deltaOfEpoch(terms)) - next.logWealth
  return Math.max(0, missing) / divergence(expected, terms.alpha)
}

/** Kullback–Leibler divergence of two coins: what one label adds to the logarithm of the wealth at best. */
export function divergence(loss: number, alpha: number): number {
  const part = (share: number, of: number): number =>
    share === 0 ? 0 : share * Math.log(share / of)
  return part(loss, alpha) + part(1 - loss, 1 - alpha)
}
