import { deriveSeed, seededRandom } from '../../src/kernel/random.ts'
import { divergence } from '../../src/routing/audit-rate.ts'
import { deltaOfEpoch, recordLabel, startCertificate } from '../../src/routing/certificate.ts'

export type CertificationTime = {
  readonly median: number
  /** No test of this confidence, however clever, needs fewer labels on average (Wald, 1945). */
  readonly leastMean: number
}

const mostLabels = 5000

/** How many labels a local model of this true loss needs until it is certified for alpha. */
export function certificationTime(options: {
  readonly alpha: number
  readonly delta: number
  readonly loss: number
  readonly seeds: number
  readonly seed: number
}): CertificationTime {
  const { alpha, delta, loss } = options
  const times = Array.from({ length: options.seeds }, (_, at) => {
    const random = seededRandom(deriveSeed(options.seed, `certification ${at}`))
    let certificate = startCertificate({
      version: 2,
      agent: 'king',
      checkpoint: null,
      epoch: 1,
      scorer: 'none',
      alpha,
      delta,
      thresholds: [1],
      expectedLoss: [alpha / 2],
    })
    while (certificate.certified === 0 && certificate.labels < mostLabels) {
      certificate = recordLabel(certificate, {
        score: 0,
        probability: 1,
        floor: 1,
        loss: random() < loss,
      })
    }
    return certificate.certified === 0 ? Number.POSITIVE_INFINITY : certificate.labels
  }).toSorted((left, right) => left - right)
  const part = deltaOfEpoch({ delta, epoch: 1 })
  return {
    median: times[times.length >> 1] ?? Number.NaN,
    leastMean: Math.log(1 / part) / divergence(loss, alpha),
  }
}
