import { mkdirSync } from 'node:fs'
import { StoreError } from '../kernel/errors.ts'
import { JournalSegments, linesInSegments } from './journal-segments.ts'
import { linesInSlots, openSlots } from './journal-slots.ts'

/**
 * What is acknowledged before the database has it: one line of text per call, in numbered segments.
 * A segment is begun with each group that goes to the database and given up when that group is
 * committed, so after a crash the segments hold all that may be missing. A line survives the death
 * of the process as soon as it is written.
 */
export type Journal = {
  /** Whether lines also survive a power cut, once `sync` has resolved. */
  readonly survivesPowerCut: boolean
  /** The number of the segment that the next line goes to. */
  readonly segment: number
  /** Writes whole lines. Throws `StoreError`. */
  append(lines: readonly string[]): void
  /** Resolves when the disk has all lines written before, one call at a time. Rejects with `StoreError`. */
  sync(): Promise<void>
  /** Begins the next segment and returns the number of the one that ended. */
  rotate(): number
  /** Gives up a segment that the database has. */
  remove(segment: number): void
  /** Not while a sync is under way. */
  close(): void
}

/**
 * Returns the journal and the lines of earlier segments, which the database does not have, also of a
 * process that ran with the other durability.
 * @param written the last segment that the database has
 */
export function openJournal(
  folder: string,
  { written, survivesPowerCut }: { readonly written: number; readonly survivesPowerCut: boolean },
): { readonly journal: Journal; readonly leftover: readonly string[] } {
  try {
    mkdirSync(folder, { recursive: true })
    const left = [...linesInSegments(folder, written), ...linesInSlots(folder, written)].toSorted(
      (one, other) => one.segment - other.segment,
    )
    const next = Math.max(written, ...left.map(({ segment }) => segment)) + 1
    const leftover = left.flatMap(({ lines }) => lines)
    const journal = survivesPowerCut
      ? openSlots(folder, written, next)
      : new JournalSegments(folder, next)
    return { journal, leftover }
  } catch (error) {
    throw new StoreError(`The journal in ${folder} cannot be opened`, { cause: error })
  }
}
