import { certifiedThreshold } from '../../routing/certificate.ts'
import type { CertifiedRouting } from '../../routing/certified-routing.ts'
import { probability } from './probability.ts'

/** A certificate as the status shows it. */
export type CertificateView = {
  readonly epoch: number
  readonly alpha: number
  readonly delta: number
  /** Hash of the weights that it is about; null for the bare base. */
  readonly checkpoint: string | null
  /** The largest certified value on the scale of the expected loss; 0 while nothing is certified. */
  readonly threshold: number
  readonly labels: number
  /** Of the labels at or below the threshold, or else of those at or below the one tested first. */
  readonly counted: number
  readonly losses: number
  readonly auditProbability: number
}

export function certificateView<Task>(routing: CertifiedRouting<Task>): CertificateView | null {
  const { certificate, scorer } = routing
  if (certificate === null) return null
  const { epoch, alpha, delta, checkpoint } = certificate.terms
  const evidence = certificate.evidence[Math.max(0, certificate.certified - 1)]
  const inForce = scorer === null ? null : certifiedThreshold(certificate)
  return {
    epoch,
    alpha,
    delta,
    checkpoint,
    threshold: probability(inForce ?? undefined, 0),
    labels: certificate.labels,
    counted: evidence?.labels ?? 0,
    losses: evidence?.losses ?? 0,
    auditProbability: routing.auditProbability(),
  }
}
