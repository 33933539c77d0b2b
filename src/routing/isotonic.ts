export type IsotonicSnapshot = {
  readonly scores: readonly number[]
  readonly values: readonly number[]
}

/**
 * The best non-decreasing map from scores to outcomes (pool adjacent violators; Zadrozny and Elkan,
 * 2002), read by linear interpolation between the centres of its blocks.
 */
export class IsotonicMap {
  readonly #snapshot: IsotonicSnapshot

  constructor(snapshot: IsotonicSnapshot) {
    this.#snapshot = snapshot
  }

  static fit(scores: ArrayLike<number>, outcomes: ArrayLike<number>): IsotonicMap {
    const order = Array.from({ length: scores.length }, (_, at) => at).toSorted(
      (left, right) => (scores[left] ?? 0) - (scores[right] ?? 0),
    )
    const blocks: { score: number; outcome: number; count: number }[] = []
    for (const at of order) {
      blocks.push({ score: scores[at] ?? 0, outcome: outcomes[at] ?? 0, count: 1 })
      for (let last = blocks.length - 1; last > 0; last -= 1) {
        const [low, high] = [blocks[last - 1], blocks[last]]
        if (low === undefined || high === undefined) break
        if (low.outcome < high.outcome && low.score < high.score) break
        const count = low.count + high.count
        blocks.splice(last - 1, 2, {
          score: (low.score * low.count + high.score * high.count) / count,
          outcome: (low.outcome * low.count + high.outcome * high.count) / count,
          count,
        })
      }
    }
    return new IsotonicMap({
      scores: blocks.map(({ score }) => score),
      values: blocks.map(({ outcome }) => outcome),
    })
  }

  /** NaN without anything to go by. */
  valueAt(score: number): number {
    const { scores, values } = this.#snapshot
    let low = 0
    let high = scores.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((scores[middle] ?? 0) < score) low = middle + 1
      else high = middle
    }
    const [left, right] = [scores[low - 1], scores[low]]
    const [under, over] = [values[low - 1], values[low]]
    if (left === undefined || under === undefined) return over ?? Number.NaN
    if (right === undefined || over === undefined) return under
    const share = right === left ? 0 : (score - left) / (right - left)
    return under + share * (over - under)
  }

  snapshot(): IsotonicSnapshot {
    return this.#snapshot
  }
}
