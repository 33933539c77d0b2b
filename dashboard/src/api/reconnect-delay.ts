const firstDelayMs = 1_000
const longestDelayMs = 20_000

/** Doubles with every failed attempt (counted from 1); `random` in [0, 1) spreads many pages out. */
export function reconnectDelayMs(attempt: number, random: number): number {
  const delayMs = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs)
  return Math.round(delayMs * (0.8 + 0.4 * random))
}
