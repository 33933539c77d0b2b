/** A number in [0, 1], or `otherwise` where there is none. */
export function probability(value: number | undefined, otherwise: number): number {
  if (value === undefined || Number.isNaN(value)) return otherwise
  return Math.max(0, Math.min(1, value))
}
