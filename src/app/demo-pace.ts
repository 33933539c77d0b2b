/** Enough for the demo's fastest pace, with teachers and audits. */
export const demoRequestsPerMinute = 100_000

const fastTasks = 6_000
const fastPauseMs = 60
const slowPauseMs = 1_000

/** Quick while the loop is to be seen turning, then slow, so that an open demo costs little. */
export function demoPace(sent: number): number {
  return sent < fastTasks ? fastPauseMs : slowPauseMs
}
