import type { SparseRow } from './ridge.ts'
import { wordBuckets } from './text-profile.ts'
import type { TextProfile } from './text-profile.ts'

/** How much each word or pair says, by how seldom it is: inverse document frequency. */
export class WordWeights {
  readonly #texts = new Uint32Array(wordBuckets)
  #count = 0

  constructor(profiles: Iterable<TextProfile>) {
    for (const { indices } of profiles) {
      this.#count += 1
      for (const index of indices) this.#texts[index] = (this.#texts[index] ?? 0) + 1
    }
  }

  /** Scaled to length 1; words of fewer than two texts are left out. */
  rowOf({ indices, counts }: TextProfile): SparseRow {
    const kept = new Uint32Array(indices.length)
    const values = new Float32Array(indices.length)
    let size = 0
    let squares = 0
    for (const [entry, index] of indices.entries()) {
      const texts = this.#texts[index] ?? 0
      if (texts < 2) continue
      const value = (counts[entry] ?? 0) * (1 + Math.log((1 + this.#count) / (1 + texts)))
      kept[size] = index
      values[size] = value
      squares += value * value
      size += 1
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
    for (let entry = 0; entry < size; entry += 1) values[entry] = (values[entry] ?? 0) * scale
    return { indices: kept.subarray(0, size), values: values.subarray(0, size) }
  }
}
