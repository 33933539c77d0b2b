import type { AgentName } from './agent-name.ts'
import type { CertificateMark } from './certificate.ts'

export type ComparisonMethod = 'exact' | 'numeric' | 'json' | 'unit-tests' | 'semantic' | 'feedback'

export type ComparisonSource = 'shadow' | 'audit' | 'handover' | 'teacher' | 'feedback'

/** `both` also means "the two answers agree" where no verifier said who is right. */
export type Verdict = 'both' | 'local-only' | 'reference-only' | 'neither'

/** What another comparator said of the same two answers. */
export type SecondOpinion = {
  readonly method: Exclude<ComparisonMethod, 'feedback'>
  readonly verdict: Verdict
}

/** Two answers to one task with a verdict and who gave it. */
export type Comparison = {
  readonly id: string
  readonly taskId: string
  readonly agent: AgentName
  readonly kind: string
  /** The interaction of the local model (or of the teacher, for source `teacher`). */
  readonly candidateInteractionId: string
  readonly referenceInteractionId: string | null
  readonly checkpoint: string | null
  readonly method: ComparisonMethod
  readonly source: ComparisonSource
  readonly verdict: Verdict
  /** Probability with which this comparison was made at all, for importance weights. */
  readonly probability: number
  readonly comparedAtMs: number
  /** Of comparators that saw it otherwise; left out where all agreed. Never averaged into the verdict. */
  readonly secondOpinions?: readonly SecondOpinion[]
  /** The certificates for which this comparison counted as a label. */
  readonly certificates?: readonly CertificateMark[]
}

/** Good enough: the local answer is not worse than the reference's. */
export function isGoodEnough(verdict: Verdict): boolean {
  return verdict !== 'reference-only'
}

/** What a user said of an answer: 1 good, -1 bad; a correction is what the answer should have been. */
export type Feedback = {
  readonly id: string
  readonly decisionId: string
  readonly taskId: string
  readonly rating: 1 | -1
  readonly correction: string | null
  readonly comment: string | null
  readonly receivedAtMs: number
}
