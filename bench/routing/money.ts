import { folds, foldsOf } from './cross-validation.ts'
import type { ScoredOutcome } from './metrics.ts'

export type MoneyRow = {
  /** Share of the frontier's quality that was asked for. */
  readonly asked: number
  /** Share of it that was kept on tasks that the threshold had not seen. */
  readonly kept: number
  /** Cost as a share of always asking the frontier. */
  readonly cost: number
}

/** Assumed where the outcomes name no price: a local run costs a twentieth of a frontier call. */
const localCost = 0.05

/**
 * What a threshold costs that was fixed on calibration tasks beforehand: for each fold, on the other
 * folds' scores. Local runs are paid for all tasks when the score needs the local answer.
 */
export function moneyRows(
  scored: readonly ScoredOutcome[],
  options: { readonly everyTaskRunsLocally: boolean; readonly seed: number },
): readonly MoneyRow[] {
  const foldOf = foldsOf(scored.length, options.seed)
  return [0.9, 0.95, 1].map((asked) => {
    let cost = 0
    let right = 0
    let frontierRight = 0
    for (let fold = 0; fold < folds; fold += 1) {
      const threshold = thresholdFor(
        scored.filter((_, at) => foldOf[at] !== fold),
        asked,
      )
      for (const [at, one] of scored.entries()) {
        if (foldOf[at] !== fold) continue
        const isLocal = one.score <= threshold
        cost += (isLocal ? 0 : 1) + (isLocal || options.everyTaskRunsLocally ? localCost : 0)
        if (isLocal ? one.localRight : one.frontierRight) right += 1
        if (one.frontierRight) frontierRight += 1
      }
    }
    return { asked, kept: right / frontierRight, cost: cost / scored.length }
  })
}

/** The largest threshold at which the calibration tasks keep the quality asked for. */
function thresholdFor(calibration: readonly ScoredOutcome[], asked: number): number {
  const sorted = calibration.toSorted((left, right) => left.score - right.score)
  const whole = sorted.filter(({ frontierRight }) => frontierRight).length
  let right = whole
  let threshold = Number.NEGATIVE_INFINITY
  for (const [at, { score, localRight, frontierRight }] of sorted.entries()) {
    right += (localRight ? 1 : 0) - (frontierRight ? 1 : 0)
    // Tasks of one score go the same way: the quality counts only after the last of them.
    if (sorted[at + 1]?.score !== score && right >= asked * whole) threshold = score
  }
  return threshold
}
