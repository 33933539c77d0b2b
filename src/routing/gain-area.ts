/**
 * The area under "gain so far" when tasks go to the frontier from the highest score down, as a mean
 * over tasks.
 */
export function gainArea(scores: ArrayLike<number>, gains: ArrayLike<number>): number {
  return meanOf(shareOfArea(scores, gains))
}

/** What each task adds to the area: its gain, times how early it goes to the frontier. */
function shareOfArea(scores: ArrayLike<number>, gains: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: scores.length }, (_, at) => at).toSorted(
    (left, right) => (scores[right] ?? 0) - (scores[left] ?? 0),
  )
  const shares = new Float64Array(order.length)
  for (const [place, at] of order.entries()) {
    shares[at] = ((gains[at] ?? 0) * (order.length - place)) / order.length
  }
  return shares
}

/** The ranking of the largest area, but the first unless another beats it by so many standard errors. */
export function bestRanking<Ranking extends { readonly scores: ArrayLike<number> }>(
  candidates: readonly Ranking[],
  gains: Float64Array,
  standardErrors: number,
): Ranking {
  const [length, ...others] = candidates
  if (length === undefined) throw new RangeError('there must be a ranking')
  const base = shareOfArea(length.scores, gains)
  let best = length
  let most = 0
  for (const candidate of others) {
    const more = shareOfArea(candidate.scores, gains).map((share, at) => share - (base[at] ?? 0))
    const mean = meanOf(more)
    const variance = meanOf(more.map((value) => (value - mean) ** 2))
    if (mean > most && mean > standardErrors * Math.sqrt(variance / more.length)) {
      best = candidate
      most = mean
    }
  }
  return best
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
