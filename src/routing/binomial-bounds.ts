import { normalQuantile } from './normal-quantile.ts'

/**
 * Wilson score bounds, each one-sided: the true rate lies on its near side with the chance
 * `confidence`, in [0.5, 1). `successes` and `trials` may be effective (fractional) numbers.
 */
export function wilsonBounds(
  successes: number,
  trials: number,
  confidence: number,
): { readonly lower: number; readonly upper: number } {
  if (trials <= 0) return { lower: 0, upper: 1 }
  const z = normalQuantile(confidence)
  const rate = successes / trials
  const scale = 1 + (z * z) / trials
  const centre = rate + (z * z) / (2 * trials)
  const spread = z * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials))
  return {
    lower: Math.max(0, (centre - spread) / scale),
    upper: Math.min(1, (centre + spread) / scale),
  }
}
