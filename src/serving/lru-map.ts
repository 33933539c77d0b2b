type LruMapOptions<Value> = {
  readonly maxEntries: number
  readonly maxSize: number
  readonly sizeOf: (value: Value) => number
}

/** A map bounded in entries and in size; what was not used for longest goes first. */
export class LruMap<Value> {
  readonly #options: LruMapOptions<Value>
  /** A map keeps the order of insertion: the first is the one not used for longest. */
  readonly #values = new Map<string, Value>()
  #totalSize = 0

  constructor(options: LruMapOptions<Value>) {
    this.#options = options
  }

  get size(): number {
    return this.#values.size
  }

  get totalSize(): number {
    return this.#totalSize
  }

  /** The value, which is now the last to go. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  /** The value, without counting as a use of it. */
  peek(key: string): Value | undefined {
    return this.#values.get(key)
  }

  /** Returns the keys that had to go, which may be the one just set. */
  set(key: string, value: Value): readonly string[] {
    this.delete(key)
    this.#values.set(key, value)
    this.#totalSize += this.#options.sizeOf(value)
    const { maxEntries, maxSize } = this.#options
    const pushedOut: string[] = []
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= maxEntries && this.#totalSize <= maxSize) break
      this.delete(oldest)
      pushedOut.push(oldest)
    }
    return pushedOut
  }

  delete(key: string): void {
    const value = this.#values.get(key)
    if (value === undefined) return
    this.#values.delete(key)
    this.#totalSize -= this.#options.sizeOf(value)
  }

  entries(): IterableIterator<readonly [string, Value]> {
    return this.#values.entries()
  }
}
