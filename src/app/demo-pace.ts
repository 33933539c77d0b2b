/** Enough for the demo's fastest pace, with teachers and audits. */
export const demoRequestsPerMinute = 100_000

/** Senders at work: simulated answers take seconds, as real ones do. */
export const demoSenders = 64

const fastTasks = 6_000
const pauseInTrainingMs = 15_000
const slowPauseMs = 60_000

/**
 * How long each sender of the demo rests between two tasks. Quick while the loop is to be seen
 * turning; four tasks a second while a model is trained, which needs the processor and learns
 * nothing from what comes in meanwhile; one a second in the end: an open demo costs little.
 */
export class DemoPace {
  #fastTasks = 0

  pauseMs({ training }: { readonly training: boolean }): number {
    if (this.#fastTasks >= fastTasks) return slowPauseMs
    return training ? pauseInTrainingMs : 0
  }

  noteTask({ training }: { readonly training: boolean }): void {
    if (!training) this.#fastTasks += 1
  }
}
