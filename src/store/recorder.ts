import type { StoreError } from '../kernel/errors.ts'
import type { Journal } from './journal.ts'

/** On its way to the journal; its caller waits. */
type Call = {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

type RecordJournal = Pick<Journal, 'append' | 'sync' | 'segment' | 'survivesPowerCut'>

/** Called with what a segment of the journal has now. */
type OnRecorded = (texts: readonly string[], segment: number) => void

/** Writes calls to the journal, those of one turn of the event loop together. */
export class Recorder {
  readonly #journal: RecordJournal
  readonly #onRecorded: OnRecorded
  #calls: Call[] = []
  #unsynced: Call[] = []
  #syncing: Promise<void> | null = null

  constructor(journal: RecordJournal, onRecorded: OnRecorded) {
    this.#journal = journal
    this.#onRecorded = onRecorded
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
    this.#onRecorded(texts, this.#journal.segment)
    if (this.#journal.survivesPowerCut) {
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
