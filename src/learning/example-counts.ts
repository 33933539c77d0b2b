import type { Example } from '../kernel/dataset.ts'

/** What an agent has to learn from, counted as it comes in. */
export class ExampleCounts {
  #training = 0
  #heldOut = 0
  #sinceRun = 0
  #sincePromotion = 0

  get training(): number {
    return this.#training
  }

  get heldOut(): number {
    return this.#heldOut
  }

  /** Training examples that no finished run has seen. */
  get sinceRun(): number {
    return this.#sinceRun
  }

  get sincePromotion(): number {
    return this.#sincePromotion
  }

  note(example: Example): void {
    if (example.use === 'held-out') {
      this.#heldOut += 1
      return
    }
    this.#training += 1
    this.#sinceRun += 1
    this.#sincePromotion += 1
  }

  /** Counts anew at start, from the newest examples of the ledger. */
  recount(
    examples: readonly Example[],
    marks: { readonly lastRunMs: number; readonly lastPromotionMs: number },
  ): void {
    const training = examples.filter(({ use }) => use === 'train')
    this.#training = training.length
    this.#heldOut = examples.length - training.length
    this.#sinceRun = training.filter(({ createdAtMs }) => createdAtMs > marks.lastRunMs).length
    this.#sincePromotion = training.filter(
      ({ createdAtMs }) => createdAtMs > marks.lastPromotionMs,
    ).length
  }

  /** What was new when a run starts; given back when the run is cancelled. */
  takeForRun(): number {
    const taken = this.#sinceRun
    this.#sinceRun = 0
    return taken
  }

  giveBack(taken: number): void {
    this.#sinceRun += taken
  }

  markPromotion(): void {
    this.#sincePromotion = 0
  }
}
