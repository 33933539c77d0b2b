import type { AgentName } from '../kernel/agent-name.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { TrainingRun } from '../kernel/training.ts'
import type { ExampleCounts } from './example-counts.ts'
import type { LearningSettings } from './learning-settings.ts'
import type { SelfEvolvingSystem } from './self-evolving-system.ts'
import type { ServedCheckpoint } from './served-checkpoint.ts'
import { adviseOnTeacher } from './teacher-budget.ts'
import type { TeacherAdvice } from './teacher-budget.ts'
import { adviseOnTraining } from './training-trigger.ts'
import type { TrainingAdvice } from './training-trigger.ts'

/** How an agent's local answers were judged lately: the share that was good enough, 0–1. */
export type MeasuredQuality = {
  readonly share: number
  /** The largest share that these audits leave likely. */
  readonly atMost: number
}

/** An agent's own learning: what it learns from, how far it is, and what it asks for. */
export class ContinuousLearningLayer {
  readonly agent: AgentName
  readonly counts: ExampleCounts
  readonly served: ServedCheckpoint
  readonly evolving: SelfEvolvingSystem
  readonly #targetQuality: () => number
  readonly #settings: LearningSettings
  #quality: MeasuredQuality | null = null
  #rolledBack = false
  #unsuccessfulRuns = 0
  #lastRun: TrainingRun | null = null

  constructor(
    agent: AgentName,
    parts: {
      readonly counts: ExampleCounts
      readonly served: ServedCheckpoint
      readonly evolving: SelfEvolvingSystem
      readonly settings: LearningSettings
      /** Asked anew each time: a target may change while the village runs. */
      readonly targetQuality: () => number
    },
  ) {
    this.agent = agent
    this.counts = parts.counts
    this.served = parts.served
    this.evolving = parts.evolving
    this.#targetQuality = parts.targetQuality
    this.#settings = parts.settings
  }

  /** The quality, 0–1, that the agent's local answers are held to now. */
  get targetQuality(): number {
    return this.#targetQuality()
  }

  get lastRun(): TrainingRun | null {
    return this.#lastRun
  }

  /** How the agent's local answers were judged lately, 0–1; null while nothing was measured. */
  get localQuality(): number | null {
    return this.#quality?.share ?? null
  }

  noteQuality(quality: MeasuredQuality | null): void {
    this.#quality = quality
  }

  noteRollback(): void {
    this.#rolledBack = true
  }

  /** Cancelled runs say nothing of whether training helps. */
  noteRun(run: TrainingRun): void {
    this.#lastRun = run
    if (run.status === 'promoted') this.#unsuccessfulRuns = 0
    if (run.status === 'refused' || run.status === 'failed') this.#unsuccessfulRuns += 1
    if (run.status !== 'cancelled') this.#rolledBack = false
  }

  restoreRuns(lastRun: TrainingRun | null, unsuccessfulRuns: number): void {
    this.#lastRun = lastRun
    this.#unsuccessfulRuns = unsuccessfulRuns
  }

  adviseOnTraining(now: {
    readonly running: boolean
    readonly unavailableBecause: string | null
  }): TrainingAdvice {
    const isBelowTarget =
      this.served.weights !== null &&
      this.#quality !== null &&
      this.#quality.atMost < this.targetQuality
    return adviseOnTraining(
      {
        ...now,
        newExamples: this.counts.sinceRun,
        heldOutExamples: this.counts.heldOut,
        minimumHeldOut: this.#settings.gate.minimumTasks,
        unsuccessfulRunsInARow: this.#unsuccessfulRuns,
        qualityFell: this.#rolledBack || isBelowTarget,
      },
      this.#settings.trigger,
    )
  }

  get examplesUntilTraining(): number {
    const advice = this.adviseOnTraining({ running: false, unavailableBecause: null })
    return advice.train ? 0 : advice.examplesUntilTraining
  }

  adviseOnTeacher(question: {
    readonly fingerprint: string
    readonly teacherCost: NanoUsd
    readonly frontierCost: NanoUsd
    readonly expectedCost: NanoUsd
  }): TeacherAdvice {
    if (!this.#settings.enabled) return { ask: false, reason: 'learning is turned off' }
    return adviseOnTeacher(
      {
        ...question,
        heldOutShare: this.#settings.heldOutShare,
        usableExamplesSincePromotion: this.counts.sincePromotion,
        localQuality: this.localQuality,
        targetQuality: this.targetQuality,
      },
      { ...this.#settings.teacher, share: this.evolving.settings.teacherShare },
    )
  }

  /** How often this agent's local answers are to be audited now. */
  auditProbability(): number {
    return this.served.auditProbability({
      ...this.#settings.monitor,
      leastProbability: this.evolving.settings.leastAuditProbability,
    })
  }
}
