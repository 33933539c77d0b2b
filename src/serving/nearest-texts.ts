import { cosineOf } from '../kernel/text-embedder.ts'

export type NearestTextsLimits = {
  /** Texts in all; what was not used for longest goes first. */
  readonly maxEntries: number
  /** Texts of one group, which a search looks through from end to end. */
  readonly maxPerGroup: number
}

export type KnownText = {
  readonly key: string
  readonly group: string
  readonly text: string
  readonly vector: Float32Array
}

export type NearText = {
  readonly key: string
  readonly text: string
  /** Cosine of the two vectors. */
  readonly similarity: number
}

/** Of the texts that are near enough, so many of the nearest are offered. */
const mostOffered = 8

/**
 * Texts by their vectors, in groups that never see each other. In memory at most `maxEntries` of
 * them, with 4 bytes for each dimension and 2 for each character.
 */
export class NearestTexts {
  readonly #limits: NearestTextsLimits
  /** Maps keep the order of insertion: the first was not used for longest. */
  readonly #texts = new Map<string, KnownText>()
  readonly #groups = new Map<string, Map<string, KnownText>>()

  constructor(limits: NearestTextsLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#texts.size
  }

  /** Replaces by key. */
  add(text: KnownText): void {
    this.delete(text.key)
    this.#texts.set(text.key, text)
    const group = this.#groups.get(text.group) ?? new Map<string, KnownText>()
    this.#groups.set(text.group, group)
    group.set(text.key, text)
    if (group.size > this.#limits.maxPerGroup) this.#deleteFirst(group)
    if (this.#texts.size > this.#limits.maxEntries) this.#deleteFirst(this.#texts)
  }

  /** The text counts as used: it is the last to go. */
  use(key: string): void {
    const text = this.#texts.get(key)
    if (text !== undefined) this.add(text)
  }

  delete(key: string): void {
    const text = this.#texts.get(key)
    if (text === undefined) return
    this.#texts.delete(key)
    const group = this.#groups.get(text.group)
    group?.delete(key)
    if (group?.size === 0) this.#groups.delete(text.group)
  }

  /** Texts of the group that are at least so similar, the nearest first; at most eight. */
  nearest(group: string, vector: Float32Array, leastSimilarity: number): readonly NearText[] {
    const near: NearText[] = []
    for (const known of this.#groups.get(group)?.values() ?? []) {
      const similarity = cosineOf(known.vector, vector)
      if (similarity >= leastSimilarity) near.push({ key: known.key, text: known.text, similarity })
    }
    return near.toSorted((a, b) => b.similarity - a.similarity).slice(0, mostOffered)
  }

  #deleteFirst(texts: ReadonlyMap<string, unknown>): void {
    for (const key of texts.keys()) {
      this.delete(key)
      return
    }
  }
}
