import type { StoreError } from '../kernel/errors.ts'
import type { Journal } from './journal.ts'

/** On its way to the journal; its caller waits. */
type Call = {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

export type RecorderOptions = {
  /** True when a caller waits until the disk has its record, false when it waits for the file alone. */
  readonly survivesPowerCut: boolean
  /** Called with what a segment of the journal has now. */
  readonly onRecorded: (texts: readonly string[], segment: number) => void
}

/** Writes calls to the journal, those of one turn of the event loop together. */
export class Recorder {
  readonly #journal: Pick<Journal, 'append' | 'sync' | 'segment'>
  readonly #options: RecorderOptions
  #calls: Call[] = []
  #unsynced: Call[] = []
  #syncing: Promise<void> | null = null

  constructor(journal: Pick<Journal, 'append' | 'sync' | 'segment'>, options: RecorderOptions) {
    this.#journal = journal
    this.#options = options
  }

  /** Resolves when the call survives; rejects with `StoreError` when the disk refuses it. */
  record(text: string): Promise<void> {
    if (this.#calls.length === 0) setImmediate(() => this.flush())
    return new Promise((resolve, reject) => this.#calls.push({ text, resolve, reject }))
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.#calls.length === 0) return
    const calls = this.#calls
    this.#calls = []
    const texts = calls.map(({ text }) => text)
    try {
      this.#journal.append(texts)
    } catch (error) {
      for (const { reject } of calls) reject(error as StoreError)
      return
    }
    this.#options.onRecorded(texts, this.#journal.segment)
    if (this.#options.survivesPowerCut) {
      this.#unsynced.push(...calls)
      this.#syncing ??= this.#sync()
    } else for (const { resolve } of calls) resolve()
  }

  /** Resolves when nobody waits any more. */
  async idle(): Promise<void> {
    this.flush()
    await this.#syncing
  }

  /** What was written while the disk was busy shares its next flush. */
  async #sync(): Promise<void> {
    while (this.#unsynced.length > 0) {
      const calls = this.#unsynced
      this.#unsynced = []
      try {
        await this.#journal.sync()
        for (const { resolve } of calls) resolve()
      } catch (error) {
        for (const { reject } of calls) reject(error as StoreError)
      }
    }
    this.#syncing = null
  }
}
