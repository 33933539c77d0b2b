import { answerSignalNames } from '../../routing/answer-signals.ts'
import { CascadeScorer } from '../../routing/cascade-scorer.ts'
import type { CascadeLabel, CascadeTask } from '../../routing/cascade-scorer.ts'
import type { RoutingLabel } from '../../routing/routing-epoch.ts'
import type { FittedScorer } from '../../routing/frozen-scorer.ts'

/** Makes a scorer in another thread; null when that failed. */
export type FitElsewhere = (labels: readonly CascadeLabel[]) => Promise<CascadeScorer | null>

/** A scorer from the labels of a checkpoint, made here and now where nobody else makes it. */
export function fitScorer(
  labels: readonly RoutingLabel<CascadeTask>[],
  fitElsewhere: FitElsewhere | undefined,
): FittedScorer<CascadeTask> | Promise<FittedScorer<CascadeTask> | null> {
  const past = labels.map(({ task, frontierRight, localRight }): CascadeLabel => ({
    ...task,
    loss: frontierRight && !localRight,
  }))
  if (fitElsewhere === undefined) return fitted(CascadeScorer.fit(past, answerSignalNames))
  return fitElsewhere(past).then((scorer) => (scorer === null ? null : fitted(scorer)))
}

function fitted(scorer: CascadeScorer): FittedScorer<CascadeTask> {
  return { scorer, past: scorer.past }
}
