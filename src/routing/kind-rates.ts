/**
 * What is known of one kind; older labels fade. Every label counts the same: whether one is taken
 * depends on what is known of its kind, not on the single task, so weights would only add noise.
 */
export type KindRate = {
  /** Labels of the serving checkpoint, not faded. */
  readonly labels: number
  /** Of them, those that were not good enough. */
  readonly bad: number
  readonly fadedLabels: number
  readonly fadedBad: number
}

export const emptyKindRate: KindRate = { labels: 0, bad: 0, fadedLabels: 0, fadedBad: 0 }

/** After this many further labels of its kind, a label counts a third. */
const memoryLabels = 200

export function withLabel(rate: KindRate, goodEnough: boolean): KindRate {
  const keep = 1 - 1 / memoryLabels
  const bad = goodEnough ? 0 : 1
  return {
    labels: rate.labels + 1,
    bad: rate.bad + bad,
    fadedLabels: rate.fadedLabels * keep + 1,
    fadedBad: rate.fadedBad * keep + bad,
  }
}

/** Share of bad answers, pulled to `prior` with the weight of `priorLabels` labels. */
export function smoothedRate(rate: KindRate, prior: number, priorLabels: number): number {
  return (rate.fadedBad + priorLabels * prior) / (rate.fadedLabels + priorLabels)
}

/** What is known of two kinds that turned out to be one. */
export function joinedRates(one: KindRate, other: KindRate): KindRate {
  return {
    labels: one.labels + other.labels,
    bad: one.bad + other.bad,
    fadedLabels: one.fadedLabels + other.fadedLabels,
    fadedBad: one.fadedBad + other.fadedBad,
  }
}
