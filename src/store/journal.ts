import {
  closeSync,
  fdatasync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StoreError } from '../kernel/errors.ts'
import { isWholeCall } from './write-call-text.ts'

/**
 * What is acknowledged before the database has it: one line of text per call, in numbered segment
 * files. A segment is begun with each group that goes to the database and removed when that group
 * is committed, so after a crash the segments hold all that may be missing. A line survives the
 * death of the process as soon as it is written, and a power cut once `sync` has resolved.
 */
export class Journal {
  readonly #folder: string
  #segment: number
  #file: number | null = null
  #sizeBytes = 0
  readonly #syncs: boolean
  /** Segments that ended before the disk had them. */
  #ended: number[] = []
  #isNew = false

  private constructor(folder: string, segment: number, syncs: boolean) {
    this.#folder = folder
    this.#segment = segment
    this.#syncs = syncs
  }

  /**
   * Returns the journal and the lines of earlier segments, which the database does not have.
   * @param written the last segment that the database has; it and older ones are removed
   * @param syncs whether `sync` will be called
   */
  static open(
    folder: string,
    written: number,
    syncs = false,
  ): { readonly journal: Journal; readonly leftover: readonly string[] } {
    try {
      mkdirSync(folder, { recursive: true })
      const numbers = readdirSync(folder)
        .map((name) => Number(/^(\d+)\.jsonl$/.exec(name)?.[1]))
        .filter((number) => Number.isInteger(number))
        .toSorted((left, right) => left - right)
      for (const number of numbers) if (number <= written) rmSync(pathOf(folder, number))
      const leftover = numbers
        .filter((number) => number > written)
        .flatMap((number) => wholeLines(readFileSync(pathOf(folder, number), 'utf8')))
      const last = Math.max(written, ...numbers)
      return { journal: new Journal(folder, last + 1, syncs), leftover }
    } catch (error) {
      throw new StoreError(`The journal in ${folder} cannot be opened`, { cause: error })
    }
  }

  /** The number of the segment that the next line goes to. */
  get segment(): number {
    return this.#segment
  }

  /** Writes whole lines; when this returns, they survive the death of the process. Throws `StoreError`. */
  append(lines: readonly string[]): void {
    const bytes = Buffer.from(`${lines.join('\n')}\n`)
    try {
      this.#file ??= this.#openSegment()
      let written = 0
      while (written < bytes.length) written += writeSync(this.#file, bytes, written)
      this.#sizeBytes += bytes.length
    } catch (error) {
      this.#undoPart()
      throw new StoreError('The disk refused to write the journal; make room', {
        retryable: true,
        cause: error,
      })
    }
  }

  /**
   * Resolves when the disk has all lines that were written before, and the names of their files.
   * One call at a time. Rejects with `StoreError`.
   */
  async sync(): Promise<void> {
    const ended = this.#ended
    this.#ended = []
    const isNew = this.#isNew
    this.#isNew = false
    const files = this.#file === null ? ended : [...ended, this.#file]
    const flushes = [...files.map((file) => toDisk(file)), isNew ? this.#syncFolder() : null]
    const results = await Promise.allSettled(flushes)
    for (const file of ended) closeSync(file)
    const failed = results.find(({ status }) => status === 'rejected')
    if (failed === undefined) return
    const { reason: cause } = failed as PromiseRejectedResult
    throw new StoreError('The disk failed to keep the journal', { retryable: true, cause })
  }

  /** Begins the next segment and returns the number of the one that ended. */
  rotate(): number {
    if (this.#file === null) return this.#segment - 1
    // A sync may be under way, or has yet to come.
    if (this.#syncs) this.#ended.push(this.#file)
    else closeSync(this.#file)
    this.#file = null
    this.#sizeBytes = 0
    this.#segment += 1
    return this.#segment - 1
  }

  /** Removes a segment that the database has. */
  remove(segment: number): void {
    try {
      unlinkSync(pathOf(this.#folder, segment))
    } catch {
      // Numbers may be missing in the row, and one that stays is known to be written.
    }
  }

  /** Not while a sync is under way. */
  close(): void {
    this.rotate()
    for (const file of this.#ended.splice(0)) closeSync(file)
  }

  #openSegment(): number {
    this.#isNew = true
    return openSync(pathOf(this.#folder, this.#segment), 'a')
  }

  /** Without it a power cut may take the name of a new file, and what is in it. */
  async #syncFolder(): Promise<void> {
    const folder = openSync(this.#folder, 'r')
    try {
      await nameToDisk(folder)
    } finally {
      closeSync(folder)
    }
  }

  /** Half a line would spoil the next one. */
  #undoPart(): void {
    if (this.#file === null) return
    try {
      ftruncateSync(this.#file, this.#sizeBytes)
    } catch {
      // The reader drops what is no whole line; the next lines go to a new segment.
      this.rotate()
    }
  }
}

const toDisk = promisify(fdatasync)
const nameToDisk = promisify(fsync)

function pathOf(folder: string, segment: number): string {
  return join(folder, `${segment}.jsonl`)
}

/** A process killed while writing leaves half a line, which nobody was told of. */
function wholeLines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1).filter(isWholeCall)
}
