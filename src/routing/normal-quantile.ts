/** Coefficients of the two rational functions: of the middle, and of both tails (P < 0.02425). */
const middle = {
  above: [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
    -3.066479806614716e1, 2.506628277459239,
  ],
  below: [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
    -1.328068155288572e1, 1,
  ],
} as const
const tail = {
  above: [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
    4.374664141464968, 2.938163982698783,
  ],
  below: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
} as const
const tailFrom = 0.02425

/**
 * The value below which a standard normal variable lies with this chance; relative error under
 * 1.2e-9 (P. J. Acklam's rational approximation). Throws `RangeError` outside (0, 1).
 */
export function normalQuantile(chance: number): number {
  if (!(chance > 0 && chance < 1)) throw new RangeError(`no chance in (0, 1): ${chance}`)
  if (chance > 1 - tailFrom) return -tailQuantile(1 - chance)
  if (chance < tailFrom) return tailQuantile(chance)
  const centred = chance - 0.5
  const squared = centred * centred
  return (centred * polynomial(middle.above, squared)) / polynomial(middle.below, squared)
}

function tailQuantile(chance: number): number {
  const root = Math.sqrt(-2 * Math.log(chance))
  return polynomial(tail.above, root) / polynomial(tail.below, root)
}

function polynomial(coefficients: readonly number[], at: number): number {
  return coefficients.reduce((sum, coefficient) => sum * at + coefficient, 0)
}
