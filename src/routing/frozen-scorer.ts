import type { PastScore } from './threshold-grid.ts'

/** Scores tasks; low is safe to serve locally. It never learns once it is made. */
export type FrozenScorer<Task> = {
  readonly name: string
  /** NaN when it cannot tell: the task then goes to the frontier. */
  score(task: Task): number
  /**
   * What the score cannot fall below, from the request alone: above the threshold the local model is
   * not asked. Left out where the request alone makes the score.
   */
  entry?(task: Task): number
}

export type FittedScorer<Task> = {
  readonly scorer: FrozenScorer<Task>
  /** Past tasks, each scored by a scorer that had not learnt from it. */
  readonly past: readonly PastScore[]
}

export function entryOf<Task>(scorer: FrozenScorer<Task>, task: Task): number {
  return scorer.entry === undefined ? scorer.score(task) : scorer.entry(task)
}
