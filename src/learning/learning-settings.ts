/** The numbers of the learning loop; every one can be set by the operator. */
export type LearningSettings = {
  /** False starts no run by itself and asks no teacher. */
  readonly enabled: boolean
  /** Share of tasks that are never trained on, to examine checkpoints with. */
  readonly heldOutShare: number
  /** The newest examples that are counted and that datasets are drawn from, per agent. */
  readonly windowExamples: number
  /** Go on from the weights that serve (true), or from the bare student each time. */
  readonly continueFromServing: boolean
  readonly checkpointsKept: number
  readonly dataset: DatasetSettings
  readonly evaluation: EvaluationSettings
  readonly gate: GateSettings
  readonly trigger: TriggerSettings
  readonly teacher: TeacherSettings
  readonly monitor: MonitorSettings
}

export type DatasetSettings = {
  readonly maxPerKind: number
  readonly maxExamples: number
  /** Share of all rows that are older examples. */
  readonly replayShare: number
  /** Fewer pairs than this are not trained on: a handful breaks what was learnt. */
  readonly minimumPairs: number
  readonly minimumPairKinds: number
}

export type EvaluationSettings = {
  readonly perKind: number
  readonly total: number
  readonly concurrency: number
  readonly maxTokens: number
}

export type GateSettings = {
  /** Level of the one-sided exact McNemar test. */
  readonly alpha: number
  /** A kind may fall by this share of its tasks … */
  readonly kindMargin: number
  /** … or by what chance alone explains: a one-sided sign test of its tasks at this level. */
  readonly kindAlpha: number
  readonly minimumTasks: number
}

export type TriggerSettings = {
  readonly newExamples: number
  readonly newExamplesAfterQualityFell: number
  /** How many times more examples each failed or refused run in a row asks for. */
  readonly backOff: number
  readonly maxBackOff: number
}

export type TeacherSettings = {
  /** The teacher may cost this share of what the agent's frontier has cost. */
  readonly share: number
  /** Usable examples since the last promotion after which the teacher is asked no more. */
  readonly examplesWanted: number
}

export type MonitorSettings = {
  /** Service may be worse than the gate's promise by this share before it counts against it. */
  readonly margin: number
  /** Rolled back at this wealth; the chance of a false rollback is at most its inverse. */
  readonly rollbackWealth: number
  readonly canaryAudits: number
  readonly canaryProbability: number
  readonly leastProbability: number
  /** When the wealth passes `suspiciousWealth`, audits go back up to this probability. */
  readonly suspiciousProbability: number
  readonly suspiciousWealth: number
}

export const defaultLearningSettings: LearningSettings = {
  enabled: true,
  heldOutShare: 0.12,
  windowExamples: 20_000,
  continueFromServing: true,
  checkpointsKept: 5,
  dataset: {
    maxPerKind: 500,
    maxExamples: 2400,
    replayShare: 0.15,
    minimumPairs: 60,
    minimumPairKinds: 2,
  },
  evaluation: { perKind: 60, total: 240, concurrency: 4, maxTokens: 512 },
  gate: { alpha: 0.05, kindMargin: 0.05, kindAlpha: 0.1, minimumTasks: 30 },
  trigger: { newExamples: 500, newExamplesAfterQualityFell: 100, backOff: 1.5, maxBackOff: 8 },
  teacher: { share: 0.25, examplesWanted: 1500 },
  monitor: {
    margin: 0.05,
    rollbackWealth: 20,
    canaryAudits: 25,
    canaryProbability: 0.5,
    leastProbability: 0.05,
    suspiciousProbability: 0.25,
    suspiciousWealth: 2,
  },
}
