/** The share of `true` among the last `capacity` observations. */
export class RecentShare {
  readonly #values: boolean[] = []
  readonly #capacity: number

  constructor(capacity: number, values: readonly boolean[] = []) {
    this.#capacity = capacity
    for (const value of values) this.add(value)
  }

  add(value: boolean): void {
    this.#values.push(value)
    if (this.#values.length > this.#capacity) this.#values.shift()
  }

  get count(): number {
    return this.#values.length
  }

  /** Null while nothing was observed. */
  get share(): number | null {
    if (this.#values.length === 0) return null
    return this.#values.filter(Boolean).length / this.#values.length
  }

  values(): readonly boolean[] {
    return this.#values
  }
}
