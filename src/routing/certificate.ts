import type { CertificateTerms } from '../kernel/certificate.ts'
import { betOf } from './certificate-bets.ts'

/** One label, as it must be recorded to check the certificate again. */
export type CertificateLabel = {
  readonly score: number
  /** The probability with which this task was to be labelled; in (0, 1]. */
  readonly probability: number
  /**
   * Least such probability over all tasks of the time, whatever their content; in (0, probability].
   * It must be known before the task is.
   */
  readonly floor: number
  /** Frontier right and local wrong; null when the frontier did not answer, which counts as a loss. */
  readonly loss: boolean | null
}

export type ThresholdEvidence = {
  /** Natural logarithm of the wealth of betting against "this threshold loses more than alpha". */
  readonly logWealth: number
  readonly labels: number
  readonly losses: number
  /** Sums of 1 / probability, of the losses' alone, and of its square: for the bets. */
  readonly weight: number
  readonly lossWeight: number
  readonly squaredWeight: number
}

export type Certificate = {
  readonly terms: CertificateTerms
  readonly evidence: readonly ThresholdEvidence[]
  /** So many thresholds, from the first, are certified. */
  readonly certified: number
  /** Labels that the first certified threshold took, or null. */
  readonly labelsToFirst: number | null
  readonly labels: number
}

const noEvidence: ThresholdEvidence = {
  logWealth: 0,
  labels: 0,
  losses: 0,
  weight: 0,
  lossWeight: 0,
  squaredWeight: 0,
}

/** Throws `RangeError` for terms that could certify nothing, or anything. */
export function startCertificate(terms: CertificateTerms): Certificate {
  const { alpha, delta, epoch, thresholds, expectedLoss } = terms
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must lie in (0, 1), not ${alpha}`)
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta must lie in (0, 1), not ${delta}`)
  if (!Number.isInteger(epoch) || epoch < 1) throw new RangeError(`no such epoch: ${epoch}`)
  if (thresholds.some((value, at) => !(value > (thresholds[at - 1] ?? -Infinity)))) {
    throw new RangeError('thresholds must be numbers in strictly ascending order')
  }
  if (expectedLoss.length !== thresholds.length) {
    throw new RangeError('every threshold needs an expected loss')
  }
  return {
    terms,
    evidence: thresholds.map(() => noEvidence),
    certified: 0,
    labelsToFirst: null,
    labels: 0,
  }
}

/**
 * Counts one label. For each threshold at or above its score the wealth is multiplied by
 * `1 + b · (audited / p) · (α − loss)`, b ≤ 0.95 · p / (1 − α), a betting e-process (Waudby-Smith and
 * Ramdas, arXiv 2010.09686; A-RCPS, arXiv 2406.10490): if the threshold loses more than α, its wealth
 * ever reaches w with probability at most 1/w (Ville). A task that is not labelled multiplies by 1.
 * Thresholds are tested in order and each at the whole level of the epoch (fixed sequence testing,
 * Learn then Test, arXiv 2110.01052), so the first that loses too much stops all behind it.
 *
 * A label that cannot be counted (a score or probability that is no number) throws `RangeError`.
 */
export function recordLabel(certificate: Certificate, label: CertificateLabel): Certificate {
  const { score, probability, floor } = label
  if (Number.isNaN(score)) throw new RangeError('a score must be a number')
  if (!(probability > 0 && probability <= 1)) {
    throw new RangeError(`a label's probability must lie in (0, 1], not ${probability}`)
  }
  if (!(floor > 0 && floor <= probability)) {
    throw new RangeError(`the floor must lie in (0, ${probability}], not ${floor}`)
  }
  const { terms } = certificate
  const evidence = certificate.evidence.map((before, at) =>
    score <= (terms.thresholds[at] ?? -Infinity)
      ? withLabel(before, label, terms, terms.expectedLoss[at] ?? terms.alpha)
      : before,
  )
  const needed = Math.log(1 / deltaOfEpoch(terms))
  let { certified } = certificate
  while (certified < evidence.length && (evidence[certified]?.logWealth ?? 0) >= needed) {
    certified += 1
  }
  const labels = certificate.labels + 1
  const labelsToFirst = certificate.labelsToFirst ?? (certified > 0 ? labels : null)
  return { terms, evidence, certified, labelsToFirst, labels }
}

/** The largest certified threshold, or null. It never falls while the certificate is in force. */
export function certifiedThreshold(certificate: Certificate): number | null {
  return certificate.terms.thresholds[certificate.certified - 1] ?? null
}

/** δ / (e · (e + 1)): the parts of all epochs of one checkpoint together are δ. */
export function deltaOfEpoch(terms: Pick<CertificateTerms, 'delta' | 'epoch'>): number {
  return terms.delta / (terms.epoch * (terms.epoch + 1))
}

function withLabel(
  before: ThresholdEvidence,
  label: CertificateLabel,
  { version, alpha }: CertificateTerms,
  expectedLoss: number,
): ThresholdEvidence {
  const loss = label.loss === false ? 0 : 1
  const bet = betOf(version, before, { alpha, expectedLoss })
  const stake = bet * (label.floor / label.probability)
  const weight = 1 / label.probability
  return {
    logWealth: before.logWealth + Math.log1p((stake * (alpha - loss)) / (1 - alpha)),
    labels: before.labels + 1,
    losses: before.losses + loss,
    weight: before.weight + weight,
    lossWeight: before.lossWeight + loss * weight,
    squaredWeight: before.squaredWeight + weight * weight,
  }
}
