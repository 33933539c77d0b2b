type Popularity<Request> = {
  readonly request: Request
  /** How often it was asked, halved for each half-life that has passed since. */
  readonly count: number
  readonly atMs: number
}

export type PopularRequest<Request> = { readonly key: string; readonly request: Request }

/**
 * Which requests are asked most often of late. In memory, at most `maxEntries` of them: a new one
 * takes the place of the one that is asked least.
 */
export class PopularRequests<Request> {
  readonly #halfLifeMs: number
  readonly #maxEntries: number
  readonly #known = new Map<string, Popularity<Request>>()

  constructor(options: { readonly halfLifeMs: number; readonly maxEntries: number }) {
    this.#halfLifeMs = options.halfLifeMs
    this.#maxEntries = options.maxEntries
  }

  get size(): number {
    return this.#known.size
  }

  note(key: string, request: Request, nowMs: number): void {
    const before = this.#known.get(key)
    if (before === undefined && this.#known.size >= this.#maxEntries) this.#forgetLeast(nowMs)
    const count = (before === undefined ? 0 : this.#countAt(before, nowMs)) + 1
    this.#known.set(key, { request, count, atMs: nowMs })
  }

  /** Those that count at least `leastCount` now, the most frequent first. */
  most(leastCount: number, nowMs: number): readonly PopularRequest<Request>[] {
    return [...this.#known]
      .map(([key, known]) => ({ key, request: known.request, count: this.#countAt(known, nowMs) }))
      .filter(({ count }) => count >= leastCount)
      .toSorted((a, b) => b.count - a.count)
      .map(({ key, request }) => ({ key, request }))
  }

  forget(key: string): void {
    this.#known.delete(key)
  }

  #countAt({ count, atMs }: Popularity<Request>, nowMs: number): number {
    return count * 0.5 ** (Math.max(0, nowMs - atMs) / this.#halfLifeMs)
  }

  #forgetLeast(nowMs: number): void {
    let least: { readonly key: string; readonly count: number } | null = null
    for (const [key, known] of this.#known) {
      const count = this.#countAt(known, nowMs)
      if (least === null || count < least.count) least = { key, count }
    }
    if (least !== null) this.#known.delete(least.key)
  }
}
