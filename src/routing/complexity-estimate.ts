import type { Contribution } from './residual-model.ts'

export type ComplexityEstimate = {
  /** Estimated probability that the local answer would not be good enough. */
  readonly complexity: number
  readonly policy: RoutingPolicy
  readonly evidence: Evidence
  /** What moved the estimate away from the kind's own rate, largest first. */
  readonly weights: readonly Contribution[]
  /** The rates that it was made of, each drawn to the one before it. */
  readonly rates: {
    /** The first formula's word. */
    readonly start: number
    readonly agent: number
    readonly kind: number
  }
}

/** `first-formula` is the earlier prototype's rule, and the start while there are no labels. */
export type RoutingPolicy = 'first-formula' | 'learned'

/** Labels of the checkpoint now serving. */
export type Evidence = {
  /** Effective number over all kinds: old labels count less. */
  readonly overall: number
  /** Effective number of this kind. */
  readonly ofKind: number
  readonly kindLabels: number
  readonly kindGood: number
  /** Observed share of good answers of this kind, old labels fading; null without labels. */
  readonly kindGoodShare: number | null
}

export const noEvidence: Evidence = {
  overall: 0,
  ofKind: 0,
  kindLabels: 0,
  kindGood: 0,
  kindGoodShare: null,
}

/** A label with the complexity that was estimated before it was known. */
export type ScoredLabel = {
  readonly complexity: number
  readonly goodEnough: boolean
  /** 1 / probability that this label was taken at all. */
  readonly weight: number
}
