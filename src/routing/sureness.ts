import { emptyKindRate, joinedRates, withLabel } from './kind-rates.ts'
import type { KindRate } from './kind-rates.ts'

/** A local answer is sure when each of its tokens had at least this probability. */
const leastTokenProbability = 0.8
const maxKinds = 128

/** Of a model that does not tell, every answer counts as sure: its kind alone decides then. */
export function isSure(leastLogProbability: number | null): boolean {
  return leastLogProbability === null || leastLogProbability >= Math.log(leastTokenProbability)
}

export type SureSharesSnapshot = Readonly<Record<string, KindRate>>

/** Of which share of its answers to a kind of task the local model is sure. */
export class SureShares {
  readonly #kinds: Map<string, KindRate>

  constructor(snapshot: SureSharesSnapshot = {}) {
    this.#kinds = new Map(Object.entries(snapshot))
  }

  note(kind: string, sure: boolean): void {
    const rate = this.#kinds.get(kind) ?? emptyKindRate
    this.#kinds.delete(kind)
    this.#kinds.set(kind, withLabel(rate, sure))
    const oldest = this.#kinds.keys().next()
    if (this.#kinds.size > maxKinds && oldest.done !== true) this.#kinds.delete(oldest.value)
  }

  mergeKinds({ from, into }: { readonly from: string; readonly into: string }): void {
    const rate = this.#kinds.get(from)
    if (rate === undefined) return
    this.#kinds.delete(from)
    this.#kinds.set(into, joinedRates(this.#kinds.get(into) ?? emptyKindRate, rate))
  }

  /** In [0, 1]; 1 while no answer to this kind was seen. */
  share(kind: string): number {
    const rate = this.#kinds.get(kind)
    return rate === undefined ? 1 : 1 - rate.fadedBad / rate.fadedLabels
  }

  snapshot(): SureSharesSnapshot {
    return Object.fromEntries(this.#kinds)
  }
}
