/** One reserved place in the order; settle it exactly once. */
export type EffectSlot = { settle(effect: () => void | Promise<void>): void }

/**
 * Applies effects in the order in which their places were reserved, however late each is known.
 * So what the village learns depends on the order of the tasks and not on which model was faster.
 */
export class OrderedEffects {
  #tail: Promise<void> = Promise.resolve()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  reserve(): EffectSlot {
    let settle: (effect: () => void | Promise<void>) => void = () => undefined
    const known = new Promise<() => void | Promise<void>>((resolve) => {
      settle = resolve
    })
    const before = this.#tail
    this.#tail = this.#applyAfter(before, known)
    return { settle: (effect) => settle(effect) }
  }

  /** Resolves when every place reserved so far was settled and applied. */
  async idle(): Promise<void> {
    let seen: Promise<void> | undefined
    while (seen !== this.#tail) {
      seen = this.#tail
      await seen
    }
  }

  async #applyAfter(
    before: Promise<void>,
    known: Promise<() => void | Promise<void>>,
  ): Promise<void> {
    await before
    const effect = await known
    try {
      await effect()
    } catch (error) {
      this.#onError(error)
    }
  }
}
