import type { CertificateTerms } from '../kernel/certificate.ts'
import type { ThresholdEvidence } from './certificate.ts'

/** A bet never puts more than this share of the wealth at stake. */
const largestBet = { 1: 0.9, 2: 0.95 } as const
/** The expectation from earlier labels counts like so many labels: for bets, and for estimates. */
const labelsBehindBets = 100
const labelsBehindEstimates = 40
/** The losses between which bets are mixed, as shares of α. */
const shares = Array.from({ length: 19 }, (_, at) => (at + 1) / 20)

type Expectation = { readonly alpha: number; readonly expectedLoss: number }

/**
 * How much the next label of this threshold puts at stake, as a share of the wealth in [0, 0.95].
 * Kelly's bet for a loss of q in a game that is fair at α is 1 − q/α; a mixture over losses below α
 * bets the same of the mean of q, given the labels (the method of mixtures; Robbins, 1970).
 * Certificates of version 1 bet by the estimate alone, and are checked so.
 */
export function betOf(
  version: CertificateTerms['version'],
  evidence: ThresholdEvidence,
  { alpha, expectedLoss }: Expectation,
): number {
  const share =
    version === 1
      ? lossEstimate(evidence, expectedLoss) / alpha
      : meanShare(evidence, { alpha, expectedLoss })
  return Math.min(largestBet[version], Math.max(0, 1 - share))
}

/** The share of losses that the labels show, drawn towards what was expected. */
export function lossEstimate(evidence: ThresholdEvidence, expectedLoss: number): number {
  const { labels, losses } = effective(evidence)
  return (labelsBehindEstimates * expectedLoss + losses) / (labelsBehindEstimates + labels)
}

/** The mean of q/α below 1, given the labels and a beta distribution round what was expected. */
function meanShare(evidence: ThresholdEvidence, { alpha, expectedLoss }: Expectation): number {
  const { labels, losses } = effective(evidence)
  const lossCount = labelsBehindBets * expectedLoss + losses - 1
  const otherCount = labelsBehindBets * (1 - expectedLoss) + labels - losses - 1
  const logChances = shares.map(
    (share) => lossCount * Math.log(share * alpha) + otherCount * Math.log1p(-share * alpha),
  )
  const most = Math.max(...logChances)
  let total = 0
  let mean = 0
  for (const [at, share] of shares.entries()) {
    const chance = Math.exp((logChances[at] ?? 0) - most)
    total += chance
    mean += chance * share
  }
  return mean / total
}

/** As so many labels of equal probability would tell. */
function effective({ weight, lossWeight, squaredWeight }: ThresholdEvidence): {
  readonly labels: number
  readonly losses: number
} {
  if (squaredWeight === 0) return { labels: 0, losses: 0 }
  const labels = (weight * weight) / squaredWeight
  return { labels, losses: (labels * lossWeight) / weight }
}
