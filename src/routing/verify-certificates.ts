import type { CertificateEvent, CertificateMark, CertificateTerms } from '../kernel/certificate.ts'
import { certifiedThreshold, deltaOfEpoch, recordLabel, startCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'

/** A label as the ledger has it. */
export type RecordedLabel = {
  readonly agent: string
  readonly checkpoint: string | null
  readonly mark: CertificateMark
  readonly probability: number
  /** Null for an audit whose frontier call failed. */
  readonly loss: boolean | null
}

export type RecordedEvent = { readonly agent: string; readonly event: CertificateEvent }

export type CertificateCheck = {
  readonly terms: CertificateTerms
  readonly labels: number
  /** As counted anew; null when nothing is certified. */
  readonly threshold: number | null
  readonly delta: number
  /** What does not fit; empty when the certificate says no more than was shown. */
  readonly problems: readonly string[]
}

/** Counts every certificate anew from what was recorded, and compares what it claimed with that. */
export function verifyCertificates(
  events: readonly RecordedEvent[],
  labels: readonly RecordedLabel[],
): readonly CertificateCheck[] {
  const byCertificate = Map.groupBy(labels, ({ agent, checkpoint, mark }) =>
    keyOf(agent, checkpoint, mark.epoch),
  )
  const seen = new Set<string>()
  return events.flatMap(({ agent, event }) => {
    if (event.type !== 'opened') return []
    const { checkpoint, epoch } = event.terms
    const key = keyOf(agent, checkpoint, epoch)
    const claims = events.flatMap((one) =>
      one.agent === agent &&
      one.event.type === 'certified' &&
      one.event.checkpoint === checkpoint &&
      one.event.epoch === epoch
        ? [{ label: one.event.label, threshold: one.event.threshold }]
        : [],
    )
    const repeated = seen.has(key) ? ['its part of delta was spent before'] : []
    seen.add(key)
    return [checkOne(event.terms, byCertificate.get(key) ?? [], claims, repeated)]
  })
}

function checkOne(
  terms: CertificateTerms,
  recorded: readonly RecordedLabel[],
  claims: readonly { readonly label: number; readonly threshold: number }[],
  known: readonly string[],
): CertificateCheck {
  const problems = [...known]
  const sorted = recorded.toSorted((left, right) => left.mark.label - right.mark.label)
  const open = claims.toSorted((left, right) => left.label - right.label)
  let certificate: Certificate | null = null
  try {
    certificate = startCertificate(terms)
    for (const [at, { mark, probability, loss }] of sorted.entries()) {
      if (mark.label !== at + 1) {
        problems.push(`label ${at + 1} is missing or stands twice`)
        break
      }
      const { score, floor } = mark
      certificate = recordLabel(certificate, { score, probability, floor, loss })
      while (open[0]?.label === mark.label) {
        const claim = open.shift()
        const shown: number = certifiedThreshold(certificate) ?? Number.NEGATIVE_INFINITY
        if (claim !== undefined && claim.threshold > shown) {
          problems.push(`threshold ${claim.threshold} was not shown at label ${claim.label}`)
        }
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    problems.push(error.message)
  }
  for (const claim of open) {
    problems.push(
      `threshold ${claim.threshold} rests on label ${claim.label}, which is not recorded`,
    )
  }
  return {
    terms,
    labels: sorted.length,
    threshold: certificate === null ? null : certifiedThreshold(certificate),
    delta: deltaOfEpoch(terms),
    problems,
  }
}

function keyOf(agent: string, checkpoint: string | null, epoch: number): string {
  return `${agent}:${checkpoint ?? 'base'}:${epoch}`
}
