import { divergence } from './audit-rate.ts'

/** A label from before the epoch, scored by a scorer that had not learnt from it. */
export type PastScore = { readonly score: number; readonly loss: boolean }

export type ThresholdGrid = {
  readonly thresholds: readonly number[]
  readonly expectedLoss: readonly number[]
  /** The share of past tasks at or below each threshold. */
  readonly shares: readonly number[]
}

const step = 0.025
const leastShare = 0.15
/** Of the speeds of many thresholds the largest is partly luck; the largest share near it is tested first. */
const speedShare = 0.8
/** Expected losses are drawn towards such a share of α by so many labels: few of them tell little. */
const priorLabels = 100
const priorShare = 0.4

/**
 * The thresholds to test, as quantiles of past scores. The first is the highest of those that past
 * labels let expect to be certified about soonest; the others follow upwards, so that nothing is
 * tested twice.
 */
export function thresholdGrid(past: readonly PastScore[], alpha: number): ThresholdGrid {
  const sorted = past
    .filter(({ score }) => Number.isFinite(score))
    .toSorted((left, right) => left.score - right.score)
  const points: { threshold: number; expectedLoss: number; share: number }[] = []
  let losses = 0
  let counted = 0
  for (let share = leastShare; share < 1 + step / 2; share += step) {
    const upTo = Math.min(sorted.length, Math.round(share * sorted.length))
    for (; counted < upTo; counted += 1) losses += sorted[counted]?.loss === true ? 1 : 0
    const threshold = sorted[upTo - 1]?.score
    if (threshold === undefined || threshold === points.at(-1)?.threshold) continue
    const expectedLoss = (losses + priorLabels * priorShare * alpha) / (counted + priorLabels)
    points.push({ threshold, expectedLoss, share })
  }
  const speeds = points.map(({ expectedLoss, share }) =>
    expectedLoss >= alpha ? 0 : share * divergence(expectedLoss, alpha),
  )
  const worthTesting = speedShare * Math.max(...speeds)
  const first = worthTesting > 0 ? speeds.findLastIndex((speed) => speed >= worthTesting) : 0
  const tested = points.slice(Math.max(0, first))
  return {
    thresholds: tested.map(({ threshold }) => threshold),
    expectedLoss: tested.map(({ expectedLoss }) => expectedLoss),
    shares: tested.map(({ share }) => share),
  }
}
