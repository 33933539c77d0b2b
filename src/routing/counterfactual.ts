import type { Random } from '../kernel/random.ts'

/** One recorded task, and what the policy that is scored would have done with it. */
export type ReplayedTask = {
  /** Would it have been served locally? */
  readonly local: boolean
  /** With which probability such a local answer would have been audited. */
  readonly auditProbability: number
  /** What the frontier costs for it, in USD: as recorded, or estimated where it was served locally. */
  readonly frontierCostUsd: number
  /** The probability of a loss that was expected before anything was known of this task. */
  readonly expectedLoss: number
  /** Null where nobody compared the local answer. */
  readonly label: { readonly loss: boolean; readonly probability: number } | null
}

/** `low` and `high` bound the value with 95 % confidence. */
type Interval = { readonly value: number; readonly low: number; readonly high: number }

export type ReplayEstimate = {
  readonly tasks: number
  readonly localShare: number
  /** USD, audits included, and over what the frontier alone would have cost. */
  readonly costUsd: number
  readonly costRatio: number | null
  /** Of the local answers, the share that is a loss: doubly robust, and by importance weights alone. */
  readonly lossOfLocal: Interval | null
  readonly lossOfLocalByWeights: Interval | null
  /** The same share of all tasks, doubly robust: what the policy loses in all. */
  readonly lossOfAll: Interval | null
  /** Labels behind this, as many as unweighted ones would be. */
  readonly effectiveLabels: number
}

const resamples = 400
/** A label that was hardly ever taken must not say everything. */
const largestWeight = 50

/**
 * Scores a policy on recorded traffic. The cost is known of every task. Of the losses only those are
 * known that were compared, each with a recorded probability p: they are weighted by 1/p (clipped,
 * and normalised by the sum of the weights). Doubly robust: the recorded expectation of every task,
 * corrected by the weighted errors of those that were compared (Dudík, Langford and Li, arXiv
 * 1103.4601); it holds where the probabilities are right, and varies less the better the expectation
 * was. Intervals by the bootstrap over tasks.
 */
export function estimateReplay(tasks: readonly ReplayedTask[], random: Random): ReplayEstimate {
  const local = tasks.filter((task) => task.local)
  const weights = local.flatMap(({ label }) => (label === null ? [] : [weightOf(label)]))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const squares = weights.reduce((total, weight) => total + weight * weight, 0)
  const alwaysUsd = tasks.reduce((total, task) => total + task.frontierCostUsd, 0)
  const costUsd = tasks.reduce(
    (total, task) => total + task.frontierCostUsd * (task.local ? task.auditProbability : 1),
    0,
  )
  const localShare = tasks.length === 0 ? 0 : local.length / tasks.length
  const robust = sum === 0 ? null : withInterval(local, doublyRobust, random)
  return {
    tasks: tasks.length,
    localShare,
    costUsd,
    costRatio: alwaysUsd === 0 ? null : costUsd / alwaysUsd,
    lossOfLocal: robust,
    lossOfLocalByWeights: sum === 0 ? null : withInterval(local, byWeights, random),
    lossOfAll: local.length === 0 ? nothingLost : scaled(robust, localShare),
    effectiveLabels: squares === 0 ? 0 : (sum * sum) / squares,
  }
}

const nothingLost: Interval = { value: 0, low: 0, high: 0 }

function byWeights(tasks: readonly ReplayedTask[]): number | null {
  return weightedMean(tasks, (loss) => loss)
}

function doublyRobust(tasks: readonly ReplayedTask[]): number | null {
  const correction = weightedMean(tasks, (loss, expected) => loss - expected)
  if (correction === null) return null
  const expected = tasks.reduce((total, { expectedLoss }) => total + expectedLoss, 0)
  return Math.max(0, Math.min(1, expected / tasks.length + correction))
}

function weightedMean(
  tasks: readonly ReplayedTask[],
  value: (loss: number, expected: number) => number,
): number | null {
  let sum = 0
  let total = 0
  for (const { label, expectedLoss } of tasks) {
    if (label === null) continue
    const weight = weightOf(label)
    total += weight
    sum += weight * value(label.loss ? 1 : 0, expectedLoss)
  }
  return total === 0 ? null : sum / total
}

function weightOf({ probability }: NonNullable<ReplayedTask['label']>): number {
  if (!(probability > 0 && probability <= 1)) {
    throw new RangeError(`a label's probability must lie in (0, 1], not ${probability}`)
  }
  return Math.min(largestWeight, 1 / probability)
}

function withInterval(
  tasks: readonly ReplayedTask[],
  estimate: (tasks: readonly ReplayedTask[]) => number | null,
  random: Random,
): Interval | null {
  const value = estimate(tasks)
  if (value === null) return null
  const drawn: number[] = []
  for (let sample = 0; sample < resamples; sample += 1) {
    const one = tasks.map((task) => tasks[Math.floor(random() * tasks.length)] ?? task)
    const again = estimate(one)
    if (again !== null) drawn.push(again)
  }
  drawn.sort((left, right) => left - right)
  const at = (share: number): number => drawn[Math.floor(share * (drawn.length - 1))] ?? value
  return { value, low: at(0.025), high: at(0.975) }
}

function scaled(interval: Interval | null, factor: number): Interval | null {
  if (interval === null) return null
  const { value, low, high } = interval
  return { value: factor * value, low: factor * low, high: factor * high }
}
