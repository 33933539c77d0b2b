import type { AgentName } from './agent-name.ts'
import type { CertificateEvent } from './certificate.ts'

type TrainingStatus = 'running' | 'evaluating' | 'promoted' | 'refused' | 'failed' | 'cancelled'

export type TrainingRun = {
  readonly id: string
  readonly agent: AgentName
  readonly trigger: string
  readonly datasetVersionId: string
  readonly status: TrainingStatus
  readonly phase: string
  readonly step: number
  readonly maxSteps: number
  readonly metrics: Readonly<Record<string, number>>
  /** Why it failed or was refused; null while it goes well. */
  readonly reason: string | null
  readonly checkpointHash: string | null
  readonly startedAtMs: number
  readonly finishedAtMs: number | null
}

/** The adapter weights that one run made. `hash` is the sha256 of the GGUF adapter. */
export type Checkpoint = {
  readonly hash: string
  readonly agent: AgentName
  readonly folder: string
  readonly ggufPath: string
  readonly studentHash: string
  readonly trainingRunId: string
  readonly datasetVersionId: string
  readonly createdAtMs: number
}

export type KindResult = {
  readonly kind: string
  readonly tasks: number
  readonly candidateRight: number
  readonly servingRight: number
  /** Tasks only the candidate, and only the serving checkpoint, got right. */
  readonly won: number
  readonly lost: number
}

/** A candidate against the checkpoint now serving, on the same held-out tasks, in the serving runtime. */
export type EvaluationReport = {
  readonly id: string
  readonly agent: AgentName
  readonly candidate: string
  readonly serving: string | null
  readonly kinds: readonly KindResult[]
  readonly tasks: number
  readonly candidateRight: number
  readonly servingRight: number
  /** One-sided exact McNemar test that the candidate is not better. */
  readonly pValue: number
  readonly promoted: boolean
  /** One sentence for the user. */
  readonly why: string
  readonly evaluatedAtMs: number
}

export type Promotion = {
  readonly id: string
  readonly agent: AgentName
  readonly action: 'promotion' | 'rollback' | 'forced'
  readonly from: string | null
  readonly to: string | null
  readonly evaluationId: string | null
  readonly reason: string
  readonly atMs: number
}

export type ThresholdChange = {
  readonly agent: AgentName
  readonly value: number
  readonly reason: string
  readonly atMs: number
  /** Where a certificate moved it. */
  readonly certificate?: CertificateEvent
}

/** One SFT row as the trainer reads it. */
export type TrainingJob = {
  readonly runId: string
  readonly agent: AgentName
  readonly startFrom: string | null
  readonly datasetVersionId: string
  readonly sftPath: string
  readonly preferencesPath: string | null
  readonly outputFolder: string
  readonly seed: number
}

export type TrainerEvent =
  | { readonly type: 'phase'; readonly phase: string }
  | {
      readonly type: 'step'
      readonly phase: string
      readonly step: number
      readonly maxSteps: number
      readonly metrics: Readonly<Record<string, number>>
    }
  | { readonly type: 'warning'; readonly message: string }

export type TrainedWeights = {
  readonly folder: string
  readonly ggufPath: string
  readonly hash: string
  readonly studentHash: string
  readonly metrics: Readonly<Record<string, number>>
}

/** Makes a checkpoint folder from a job. Throws `TrainingFailedError`; an abort cancels the run. */
export type Trainer = {
  /** Why training cannot start now (the Python side is still being set up), or null. */
  unavailableBecause(): string | null
  train(
    job: TrainingJob,
    options: { readonly signal: AbortSignal; readonly onEvent: (event: TrainerEvent) => void },
  ): Promise<TrainedWeights>
}
