import type { VillageStatus } from '../http/contract.ts'

/** Tells listeners that the status changed; who listens decides how often to look. */
export class StatusSource {
  readonly #build: () => VillageStatus
  readonly #listeners = new Set<() => void>()

  constructor(build: () => VillageStatus) {
    this.#build = build
  }

  current(): VillageStatus {
    return this.#build()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
