import type { Random } from '../../src/kernel/random.ts'

/** A task with the score that decides: the frontier takes those with the highest scores first. */
export type ScoredOutcome = {
  readonly score: number
  readonly localRight: boolean
  readonly frontierRight: boolean
}

export type GapRecovered = {
  /** Area under the performance gap recovered, over the frontier's share from 0 to 1. */
  readonly apgr: number
  /** The least share of frontier calls, in %, that recovers 50 and 80 % of the gap. */
  readonly cpt50: number
  readonly cpt80: number
}

export type Interval = { readonly low: number; readonly high: number }

const points = 1000

/** Ties are broken at random. Each task may count several times (`counts`, for the bootstrap). */
export function gapRecovered(
  scored: readonly ScoredOutcome[],
  random: Random,
  counts?: ArrayLike<number>,
): GapRecovered {
  const order = frontierFirst(scored, random)
  return gapOfOrder(scored, order, counts)
}

/** 95 % intervals over tasks drawn anew with replacement. */
export function bootstrapGap(
  scored: readonly ScoredOutcome[],
  random: Random,
  rounds = 200,
): { readonly apgr: Interval; readonly cpt50: Interval; readonly cpt80: Interval } {
  const order = frontierFirst(scored, random)
  const drawn = Array.from({ length: rounds }, () => {
    const counts = new Uint8Array(scored.length)
    for (let draw = 0; draw < scored.length; draw += 1) {
      const at = Math.floor(random() * scored.length)
      counts[at] = (counts[at] ?? 0) + 1
    }
    return gapOfOrder(scored, order, counts)
  })
  return {
    apgr: intervalOf(drawn.map(({ apgr }) => apgr)),
    cpt50: intervalOf(drawn.map(({ cpt50 }) => cpt50)),
    cpt80: intervalOf(drawn.map(({ cpt80 }) => cpt80)),
  }
}

function frontierFirst(scored: readonly ScoredOutcome[], random: Random): readonly number[] {
  return scored
    .map(({ score }, at) => ({ at, score, tie: random() }))
    .toSorted((left, right) => right.score - left.score || left.tie - right.tie)
    .map(({ at }) => at)
}

function gapOfOrder(
  scored: readonly ScoredOutcome[],
  order: readonly number[],
  counts?: ArrayLike<number>,
): GapRecovered {
  const gained = [0]
  let gain = 0
  for (const at of order) {
    const one = scored[at]
    const change = (one?.frontierRight === true ? 1 : 0) - (one?.localRight === true ? 1 : 0)
    for (let count = counts?.[at] ?? 1; count > 0; count -= 1) gained.push((gain += change))
  }
  const recoveredAt = (share: number): number => {
    const place = share * (gained.length - 1)
    const below = gained[Math.floor(place)] ?? 0
    const above = gained[Math.ceil(place)] ?? below
    return (below + (place - Math.floor(place)) * (above - below)) / gain
  }
  let area = 0
  let cpt50 = Number.NaN
  let cpt80 = Number.NaN
  for (let point = 0; point <= points; point += 1) {
    const recovered = recoveredAt(point / points)
    area += (recovered * (point === 0 || point === points ? 0.5 : 1)) / points
    if (recovered >= 0.5 && Number.isNaN(cpt50)) cpt50 = (100 * point) / points
    if (recovered >= 0.8 && Number.isNaN(cpt80)) cpt80 = (100 * point) / points
  }
  return { apgr: area, cpt50, cpt80 }
}

function intervalOf(values: readonly number[]): Interval {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { low: at(0.025), high: at(0.975) }
}
