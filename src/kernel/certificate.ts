/**
 * What a certificate is about. The scorer that makes the scores is frozen: it must not change, and
 * its training labels must not be counted again, while the certificate is being earned.
 */
export type CertificateTerms = {
  /** Of the rule for bets: it must be known to count a certificate again. */
  readonly version: 1 | 2
  readonly agent: string
  /** Hash of the weights that serve; null for the bare base. Another checkpoint needs another certificate. */
  readonly checkpoint: string | null
  /** 1 for the first certificate of this checkpoint. */
  readonly epoch: number
  /** Names the frozen scorer. */
  readonly scorer: string
  /** At most this share of the locally served answers may be a loss. */
  readonly alpha: number
  /** Chance that any certificate of this checkpoint ever says too much; this epoch gets a part of it. */
  readonly delta: number
  /** Strictly ascending; tested in this order. A task is served locally when its score is at most the threshold. */
  readonly thresholds: readonly number[]
  /** What earlier labels let expect of each threshold; steers the bets, never the validity. */
  readonly expectedLoss: readonly number[]
}

/** That a label counted for a certificate: enough to count it again. Kept with the comparison. */
export type CertificateMark = {
  readonly epoch: number
  /** 1 for the first label of the epoch. */
  readonly label: number
  readonly score: number
  /** The least probability of a label over all tasks of the time. */
  readonly floor: number
}

/** What happened to a certificate; kept with the change of threshold that it caused. */
export type CertificateEvent =
  | { readonly type: 'opened'; readonly terms: CertificateTerms }
  | {
      readonly type: 'certified'
      readonly checkpoint: string | null
      readonly epoch: number
      /** The label that showed it. */
      readonly label: number
      /** On the scale of the scores. */
      readonly threshold: number
    }
  | {
      readonly type: 'failed-audit'
      readonly checkpoint: string | null
      readonly marks: readonly CertificateMark[]
      readonly probability: number
    }
  | { readonly type: 'drift'; readonly checkpoint: string | null; readonly epoch: number }
