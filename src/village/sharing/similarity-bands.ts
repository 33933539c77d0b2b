import type { JsonValue } from '../../kernel/json.ts'
import { certifiedThreshold, recordLabel, startCertificate } from '../../routing/certificate.ts'
import type { Certificate } from '../../routing/certificate.ts'
import {
  hasDrifted,
  isDriftSuspected,
  noDrift,
  recordDriftAudit,
} from '../../routing/drift-test.ts'
import type { DriftState } from '../../routing/drift-test.ts'

export type SimilarityTerms = {
  readonly tenant: string
  /** At most this share of the kept answers that are given to similar requests may be wrong, … */
  readonly maxWrongShare: number
  /** … with this chance of ever opening a band for which it is more. */
  readonly delta: number
  /** Names everything that decides what is similar: another one needs evidence of its own. */
  readonly measure: string
}

/** How a band stands. */
export type BandSummary = {
  /** The least similarity of the band. */
  readonly from: number
  readonly open: boolean
  readonly comparisons: number
  readonly wrong: number
}

/** What is to be done with a kept answer of a similar request, decided before it is looked at. */
export type BandDecision = {
  readonly band: number
  readonly isOpen: boolean
  /** With which probability the request's own answer will be there to compare with; never 0. */
  readonly probability: number
  readonly epoch: number
}

/** The lower ends of the bands. Below the last, requests are not similar. */
export const bandFloors = [0.98, 0.96, 0.94, 0.9, 0.85] as const

const auditRates = { first: 0.2, later: 0.05, firstAudits: 200 }
const stateVersion = 1

type Band = { readonly certificate: Certificate; readonly drift: DriftState }

type State = {
  readonly version: typeof stateVersion
  readonly measure: string
  readonly bands: readonly Band[]
}

/** Where a saved band stands: enough to hold it against the comparisons in the ledger. */
export type SavedBand = { readonly from: number; readonly certificate: Certificate }

/** The bands of what `snapshot` gave; empty for a state of another version. */
export function bandsIn(saved: JsonValue | null): readonly SavedBand[] {
  const state = saved as unknown as State | null
  if (state?.version !== stateVersion) return []
  return state.bands.map(({ certificate }, at) => ({ from: bandFloors[at] ?? 0, certificate }))
}

/** Of one tenant's bands: each tenant has evidence of its own. */
export function stateOfBands(tenant: string): string {
  return `semantic-cache:${tenant}`
}

/**
 * At which similarities a tenant's kept answers may be given to other requests. Each band of
 * similarity starts closed and has evidence of its own, so that no change in the mix of requests can
 * break the bound: it opens once bets against "more than the stated share is wrong" have won enough
 * (docs/routing.md; the chance of error is shared out among the bands and their epochs), is shut at
 * the first signs of a change, and begins anew when a test says that answers became worse.
 */
export class SimilarityBands {
  readonly #terms: SimilarityTerms
  #bands: readonly Band[]

  /** `saved` is what `snapshot` gave. What was shown for other terms opens nothing. */
  constructor(terms: SimilarityTerms, saved: JsonValue | null = null) {
    this.#terms = terms
    const state = saved as unknown as State | null
    const known = state?.version === stateVersion ? state : null
    this.#bands = bandFloors.map((_, at) => {
      const before = known?.bands[at]
      if (known === null || before === undefined) return this.#newBand(1)
      // Its part of delta is spent, whatever it was about.
      return this.#isAbout(known, before)
        ? before
        : this.#newBand(before.certificate.terms.epoch + 1)
    })
  }

  /** Null for a similarity below all bands. */
  decide(similarity: number): BandDecision | null {
    const index = bandFloors.findIndex((floor) => similarity >= floor)
    const band = this.#bands[index]
    if (band === undefined) return null
    const isOpen = isServed(band)
    const { epoch } = band.certificate.terms
    return { band: index, isOpen, probability: isOpen ? auditRateOf(band) : 1, epoch }
  }

  /**
   * Counts one comparison; `wrong` is null when there was no answer to compare with, which counts
   * against the band and is no sign of a change. What was decided in an epoch that is over is left out.
   */
  record({ band: index, probability, epoch }: BandDecision, wrong: boolean | null): void {
    const band = this.#bands[index]
    if (band === undefined || band.certificate.terms.epoch !== epoch) return
    this.#bands = this.#bands.with(index, this.#after(band, probability, wrong))
  }

  /** For people: which bands are open, and on how many comparisons. */
  summary(): readonly BandSummary[] {
    return this.#bands.map((band, at) => ({
      from: bandFloors[at] ?? 0,
      open: isServed(band),
      comparisons: band.certificate.labels,
      wrong: band.certificate.evidence[0]?.losses ?? 0,
    }))
  }

  snapshot(): JsonValue {
    const state: State = {
      version: stateVersion,
      measure: this.#terms.measure,
      bands: this.#bands,
    }
    return structuredClone(state)
  }

  #after(band: Band, probability: number, wrong: boolean | null): Band {
    const label = { score: 0, probability, floor: probability, loss: wrong }
    const certificate = recordLabel(band.certificate, label)
    if (wrong === null || !isCertified(band)) return { ...band, certificate }
    const audit = { loss: wrong, probability, floor: probability }
    const drift = recordDriftAudit(band.drift, audit, this.#terms.maxWrongShare)
    return hasDrifted(drift) ? this.#newBand(certificate.terms.epoch + 1) : { certificate, drift }
  }

  /** A band's certificate has one threshold, which every comparison in the band counts for. */
  #newBand(epoch: number): Band {
    const { tenant, measure, maxWrongShare, delta } = this.#terms
    const certificate = startCertificate({
      version: 2,
      agent: `cache:${tenant}`,
      checkpoint: null,
      epoch,
      scorer: measure,
      alpha: maxWrongShare,
      delta: delta / bandFloors.length,
      thresholds: [0],
      expectedLoss: [maxWrongShare / 4],
    })
    return { certificate, drift: noDrift }
  }

  #isAbout(state: State, { certificate: { terms } }: Band): boolean {
    const { measure, maxWrongShare, delta } = this.#terms
    const isSameBound = terms.alpha === maxWrongShare && terms.delta === delta / bandFloors.length
    return state.measure === measure && isSameBound && state.bands.length === bandFloors.length
  }
}

function isCertified({ certificate }: Band): boolean {
  return certifiedThreshold(certificate) !== null
}

function isServed(band: Band): boolean {
  return isCertified(band) && !isDriftSuspected(band.drift)
}

/** Depends on how many audits there were and on nothing else: that keeps the bets fair. */
function auditRateOf({ drift }: Band): number {
  return drift.audits < auditRates.firstAudits ? auditRates.first : auditRates.later
}
