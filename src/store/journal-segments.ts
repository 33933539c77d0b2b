import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { StoreError } from '../kernel/errors.ts'
import type { Journal } from './journal.ts'
import { isWholeCall } from './write-call-text.ts'

/** A file per segment. A line survives the death of the process; a power cut may lose it. */
export class JournalSegments implements Journal {
  readonly survivesPowerCut = false
  readonly #folder: string
  #segment: number
  #file: number | null = null
  #sizeBytes = 0

  constructor(folder: string, segment: number) {
    this.#folder = folder
    this.#segment = segment
  }

  get segment(): number {
    return this.#segment
  }

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

  /** What the file has is enough. */
  async sync(): Promise<void> {}

  rotate(): number {
    if (this.#file === null) return this.#segment - 1
    closeSync(this.#file)
    this.#file = null
    this.#sizeBytes = 0
    this.#segment += 1
    return this.#segment - 1
  }

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

/** The lines of all segments that the database does not have; the files of others are removed. */
export function linesInSegments(
  folder: string,
  written: number,
): readonly { readonly segment: number; readonly lines: readonly string[] }[] {
  const numbers = readdirSync(folder)
    .map((name) => Number(/^(\d+)\.jsonl$/.exec(name)?.[1]))
    .filter((number) => Number.isInteger(number))
    .toSorted((left, right) => left - right)
  for (const number of numbers) if (number <= written) rmSync(pathOf(folder, number))
  return numbers
    .filter((number) => number > written)
    .map((segment) => ({
      segment,
      lines: wholeLines(readFileSync(pathOf(folder, segment), 'utf8')),
    }))
}

function pathOf(folder: string, segment: number): string {
  return join(folder, `${segment}.jsonl`)
}

/** A process killed while writing leaves half a line, which nobody was told of. */
function wholeLines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1).filter(isWholeCall)
}
