/**
 * The chance of at most `errors` errors in `trials` independent trials, each with the chance `share`
 * in (0, 1). Exact; summed from logarithms, so that many trials do not underflow.
 */
export function binomialTail(errors: number, trials: number, share: number): number {
  if (trials === 0) return 1
  let term = trials * Math.log1p(-share)
  let total = Math.exp(term)
  for (let count = 1; count <= errors; count += 1) {
    term += Math.log((trials - count + 1) / count) + Math.log(share) - Math.log1p(-share)
    total += Math.exp(term)
  }
  return Math.min(1, total)
}
