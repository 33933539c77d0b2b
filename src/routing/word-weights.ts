import type { SparseRow } from './ridge.ts'
import { wordBuckets } from './text-profile.ts'
import type { TextProfile } from './text-profile.ts'

export type WordWeightsState = {
  /** In how many texts each bucket occurs. */
  readonly texts: Uint32Array
  readonly count: number
}

/** How much each word or pair says, by how seldom it is: inverse document frequency. */
export class WordWeights {
  readonly #texts: Uint32Array
  readonly #count: number

  constructor({ texts, count }: WordWeightsState) {
    this.#texts = texts
    this.#count = count
  }

  static fit(profiles: Iterable<TextProfile>): WordWeights {
    const texts = new Uint32Array(wordBuckets)
    let count = 0
    for (const { indices } of profiles) {
      count += 1
      for (const index of indices) texts[index] = (texts[index] ?? 0) + 1
    }
    return new WordWeights({ texts, count })
  }

  state(): WordWeightsState {
    return { texts: this.#texts, count: this.#count }
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
