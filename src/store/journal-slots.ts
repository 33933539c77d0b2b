import {
  closeSync,
  fdatasync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StoreError } from '../kernel/errors.ts'
import type { Journal } from './journal.ts'
import { isWholeCall } from './write-call-text.ts'

/** Most segments are smaller; one that is not makes its slot grow. */
const slotBytes = 1024 * 1024
const firstSlots = 3

type Slot = { readonly file: number; segment: number | null }

/**
 * As `Journal`, for lines that are to survive a power cut: segments are written over older ones, in
 * files whose size and place on the disk do not change. A flush then writes the lines and nothing of
 * the file system, which costs half as much and waits for no other file.
 */
export class JournalSlots implements Journal {
  readonly survivesPowerCut = true
  readonly #folder: string
  readonly #slots: Slot[]
  #segment: number
  #current: Slot | null = null
  #sizeBytes = 0
  #unsynced = new Set<Slot>()

  constructor(folder: string, slots: readonly Slot[], segment: number) {
    this.#folder = folder
    this.#slots = [...slots]
    this.#segment = segment
    while (this.#slots.length < firstSlots) this.#slots.push(this.#newSlot())
  }

  get segment(): number {
    return this.#segment
  }

  append(lines: readonly string[]): void {
    const bytes = Buffer.from(lines.map((line) => `${this.#segment}\t${line}\n`).join(''))
    try {
      this.#current ??= this.#freeSlot()
      const { file } = this.#current
      let written = 0
      while (written < bytes.length) {
        const left = bytes.length - written
        written += writeSync(file, bytes, written, left, this.#sizeBytes + written)
      }
      this.#sizeBytes += bytes.length
      this.#unsynced.add(this.#current)
    } catch (error) {
      // The next lines are written over whatever part of these is there.
      throw new StoreError('The disk refused to write the journal; make room', {
        retryable: true,
        cause: error,
      })
    }
  }

  async sync(): Promise<void> {
    const slots = [...this.#unsynced]
    this.#unsynced.clear()
    const results = await Promise.allSettled(slots.map(({ file }) => toDisk(file)))
    const failed = results.find(({ status }) => status === 'rejected')
    if (failed === undefined) return
    const { reason: cause } = failed as PromiseRejectedResult
    throw new StoreError('The disk failed to keep the journal', { retryable: true, cause })
  }

  rotate(): number {
    if (this.#current === null) return this.#segment - 1
    this.#current = null
    this.#sizeBytes = 0
    this.#segment += 1
    return this.#segment - 1
  }

  remove(segment: number): void {
    for (const slot of this.#slots) if (slot.segment === segment) slot.segment = null
  }

  close(): void {
    for (const { file } of this.#slots.splice(0)) closeSync(file)
  }

  #freeSlot(): Slot {
    let slot = this.#slots.find(({ segment }) => segment === null)
    if (slot === undefined) this.#slots.push((slot = this.#newSlot()))
    slot.segment = this.#segment
    return slot
  }

  #newSlot(): Slot {
    const file = openSync(pathOf(this.#folder, this.#slots.length), 'w+')
    writeSync(file, Buffer.alloc(slotBytes))
    fsyncSync(file)
    // Without this a power cut may take the file's name, and with it what is in it.
    const folder = openSync(this.#folder, 'r')
    fsyncSync(folder)
    closeSync(folder)
    return { file, segment: null }
  }
}

/** The lines of all slots that the database does not have. */
export function linesInSlots(
  folder: string,
  written: number,
): readonly { readonly segment: number; readonly lines: readonly string[] }[] {
  return slotNumbers(folder)
    .map((number) => linesOfSlot(readFileSync(pathOf(folder, number), 'utf8')))
    .filter(({ segment }) => segment > written)
    .toSorted((left, right) => left.segment - right.segment)
}

/**
 * Opens the journal; what its slots hold must have been read before.
 * @param written the last segment that the database has: slots of it and older ones are free
 * @param next the segment that the next line goes to
 */
export function openSlots(folder: string, written: number, next: number): JournalSlots {
  const slots = slotNumbers(folder).map((number) => {
    const path = pathOf(folder, number)
    const held = linesOfSlot(readFileSync(path, 'utf8')).segment
    return { file: openSync(path, 'r+'), segment: held <= written ? null : held }
  })
  return new JournalSlots(folder, slots, next)
}

/**
 * Every line begins with its segment's number: behind the last line of a segment may stand the rest
 * of an older one, which had a smaller number.
 */
function linesOfSlot(text: string): { readonly segment: number; readonly lines: string[] } {
  const segment = Number(/^(\d+)\t/.exec(text)?.[1] ?? 0)
  const start = `${segment}\t`
  const lines: string[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    if (!line.startsWith(start)) break
    lines.push(line.slice(start.length))
  }
  return { segment, lines: lines.filter(isWholeCall) }
}

function slotNumbers(folder: string): readonly number[] {
  return readdirSync(folder)
    .map((name) => Number(/^(\d+)\.slot$/.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => Number.isInteger(number))
    .toSorted((left, right) => left - right)
}

function pathOf(folder: string, number: number): string {
  return join(folder, `${number}.slot`)
}

const toDisk = promisify(fdatasync)
