import type { KindRate } from './kind-rates.ts'

/**
 * How much the agent's rate says about one of its kinds, as a number of labels. Where kinds are
 * either known or not (rates near 0 and near 1), a few labels of a kind tell which it is and the
 * agent's rate hardly matters; where kinds resemble each other it matters much.
 *
 * The strength of a beta prior with mean `mean`, most likely after the counts of the kinds
 * (empirical Bayes on the beta-binomial distribution), held near `usualLabels` while there are few.
 */
export function kindPriorLabels(kinds: Iterable<KindRate>, mean: number): number {
  const centre = Math.min(0.98, Math.max(0.02, mean))
  const counted = [...kinds].filter(({ fadedLabels }) => fadedLabels > 1)
  let best: number = usualLabels
  let bestLikelihood = -Infinity
  for (const labels of strengths) {
    const [bad, good] = [labels * centre, labels * (1 - centre)]
    const fit = counted.reduce((sum, rate) => sum + logBetaBinomial(rate, bad, good), 0)
    const likelihood = fit - (Math.log(labels / usualLabels) / usualSpread) ** 2 / 2
    if (likelihood > bestLikelihood) [best, bestLikelihood] = [labels, likelihood]
  }
  return best
}

const usualLabels = 2.5
/** Standard deviation of the strength's logarithm before any kind was seen. */
const usualSpread = 0.7
const strengths = [0.5, 0.7, 1, 1.4, 2, 2.5, 3, 4, 6, 8, 12, 16] as const

/** Of `fadedBad` bad labels out of `fadedLabels`, without the factor that no prior changes. */
function logBetaBinomial(rate: KindRate, bad: number, good: number): number {
  const goodLabels = Math.max(0, rate.fadedLabels - rate.fadedBad)
  return logBeta(rate.fadedBad + bad, goodLabels + good) - logBeta(bad, good)
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** Stirling's series (Abramowitz and Stegun 6.1.41), after shifting its argument above 7. */
function logGamma(argument: number): number {
  let shift = 0
  let x = argument
  for (; x < 7; x += 1) shift -= Math.log(x)
  const inverse = 1 / x
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
  return shift + (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series
}
