/** Wilson score bounds; `successes` and `trials` may be effective (fractional) numbers. */
export function wilsonBounds(
  successes: number,
  trials: number,
  confidence: OneSidedConfidence,
): { readonly lower: number; readonly upper: number } {
  if (trials <= 0) return { lower: 0, upper: 1 }
  const z = normalQuantile[confidence]
  const rate = successes / trials
  const scale = 1 + (z * z) / trials
  const centre = rate + (z * z) / (2 * trials)
  const spread = z * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials))
  return {
    lower: Math.max(0, (centre - spread) / scale),
    upper: Math.min(1, (centre + spread) / scale),
  }
}

/** One-sided: the chance that the true rate lies on the near side of the bound. */
export type OneSidedConfidence = 0.8 | 0.9 | 0.95

const normalQuantile: Readonly<Record<OneSidedConfidence, number>> = {
  0.8: 0.8416,
  0.9: 1.2816,
  0.95: 1.6449,
}
