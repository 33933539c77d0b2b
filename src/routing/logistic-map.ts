/** Parameters of P = 1 / (1 + exp(−(offset + slope · (score − centre) / scale))). */
export type LogisticMap = {
  readonly centre: number
  readonly scale: number
  readonly offset: number
  readonly slope: number
}

const rounds = 30
/** The slope is drawn towards 0 as if by a normal prior of this variance. */
const slopeVariance = 25
const leastSlope = 1e-3

/**
 * Scores as probabilities of an outcome, strictly rising, so that scores of different models can be
 * compared (Platt, 1999, with his smoothed targets; Newton's method). Scores that are no number are
 * left out.
 */
export function fitLogisticMap(
  scores: ArrayLike<number>,
  outcomes: readonly boolean[],
): LogisticMap {
  const known = outcomes.flatMap((outcome, at) => {
    const score = scores[at] ?? Number.NaN
    return Number.isFinite(score) ? [{ score, outcome }] : []
  })
  const count = Math.max(1, known.length)
  const centre = known.reduce((sum, { score }) => sum + score, 0) / count
  const variance = known.reduce((sum, { score }) => sum + (score - centre) ** 2, 0) / count
  const scale = Math.sqrt(variance) + 1e-9
  const positive = known.filter(({ outcome }) => outcome).length
  const [high, low] = [(positive + 1) / (positive + 2), 1 / (known.length - positive + 2)]
  let slope = 0
  let offset = Math.log((positive + 1) / (known.length - positive + 1))
  for (let round = 0; round < rounds; round += 1) {
    let [slopeGradient, offsetGradient] = [slope / slopeVariance, 0]
    let [slopeCurve, offsetCurve, mixedCurve] = [1 / slopeVariance, 1e-9, 0]
    for (const { score, outcome } of known) {
      const place = (score - centre) / scale
      const share = sigmoid(offset + slope * place)
      const error = share - (outcome ? high : low)
      const curve = Math.max(1e-9, share * (1 - share))
      offsetGradient += error
      slopeGradient += error * place
      offsetCurve += curve
      slopeCurve += curve * place * place
      mixedCurve += curve * place
    }
    const determinant = offsetCurve * slopeCurve - mixedCurve * mixedCurve
    const offsetStep = (slopeCurve * offsetGradient - mixedCurve * slopeGradient) / determinant
    const slopeStep = (offsetCurve * slopeGradient - mixedCurve * offsetGradient) / determinant
    offset -= bounded(offsetStep)
    slope -= bounded(slopeStep)
  }
  return { centre, scale, offset, slope: Math.max(leastSlope, slope) }
}

/** NaN for a score that is none. */
export function probabilityAt(map: LogisticMap, score: number): number {
  return sigmoid(map.offset + (map.slope * (score - map.centre)) / map.scale)
}

function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}

function bounded(step: number): number {
  return Math.max(-2, Math.min(2, step))
}
