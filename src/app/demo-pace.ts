/** Enough for the demo's fastest pace, with teachers and audits. */
export const demoRequestsPerMinute = 100_000

/** Senders at work: simulated answers take seconds, as real ones do. */
export const demoSenders = 64

const fastTasks = 6_000
const slowPauseMs = 60_000

/** Quick while the loop is to be seen turning, then about one task a second: an open demo costs little. */
export function demoPace(sent: number): number {
  return sent < fastTasks ? 0 : slowPauseMs
}
