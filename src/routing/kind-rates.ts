/** What is known of one kind: weighted sums of labels that fade as new ones come. */
export type KindRate = {
  /** Labels of the serving checkpoint, unweighted and not faded. */
  readonly labels: number
  /** Of them, those that were not good enough. */
  readonly bad: number
  readonly weight: number
  readonly badWeight: number
  readonly squaredWeight: number
}

export const emptyKindRate: KindRate = {
  labels: 0,
  bad: 0,
  weight: 0,
  badWeight: 0,
  squaredWeight: 0,
}

/** After this many labels of its kind, a label counts a third. */
const memoryLabels = 150

export function withLabel(rate: KindRate, goodEnough: boolean, weight: number): KindRate {
  const keep = 1 - 1 / memoryLabels
  return {
    labels: rate.labels + 1,
    bad: rate.bad + (goodEnough ? 0 : 1),
    weight: rate.weight * keep + weight,
    badWeight: rate.badWeight * keep + (goodEnough ? 0 : weight),
    squaredWeight: rate.squaredWeight * keep * keep + weight * weight,
  }
}

/** How many equally weighted labels would say as much. */
export function effectiveLabels(rate: KindRate): number {
  return rate.squaredWeight === 0 ? 0 : (rate.weight * rate.weight) / rate.squaredWeight
}

/** Share of bad answers, pulled to `prior` with the weight of `priorLabels` labels. */
export function smoothedRate(rate: KindRate, prior: number, priorLabels: number): number {
  const labels = effectiveLabels(rate)
  const mean = rate.weight === 0 ? prior : rate.badWeight / rate.weight
  return (labels * mean + priorLabels * prior) / (labels + priorLabels)
}
