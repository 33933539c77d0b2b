import {
  closeSync,
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
import { StoreError } from '../kernel/errors.ts'
import { isWholeCall } from './write-call-text.ts'

/**
 * What is acknowledged before the database has it: one line of text per call, in numbered segment
 * files. A segment is begun with each group that goes to the database and removed when that group
 * is committed, so after a crash the segments hold all that may be missing. A line survives the
 * death of the process as soon as it is written; a power cut may lose it.
 */
export class Journal {
  readonly #folder: string
  #segment: number
  #file: number | null = null
  #sizeBytes = 0

  private constructor(folder: string, segment: number) {
    this.#folder = folder
    this.#segment = segment
  }

  /**
   * Returns the journal and the lines of earlier segments, which the database does not have.
   * @param written the last segment that the database has; it and older ones are removed
   */
  static open(
    folder: string,
    written: number,
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
      return { journal: new Journal(folder, last + 1), leftover }
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
      this.#file ??= openSync(pathOf(this.#folder, this.#segment), 'a')
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

  /** Begins the next segment and returns the number of the one that ended. */
  rotate(): number {
    if (this.#file === null) return this.#segment - 1
    closeSync(this.#file)
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

  close(): void {
    this.rotate()
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

function pathOf(folder: string, segment: number): string {
  return join(folder, `${segment}.jsonl`)
}

/** A process killed while writing leaves half a line, which nobody was told of. */
function wholeLines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1).filter(isWholeCall)
}
