import type { Worker } from 'node:worker_threads'
import { StoreError } from '../kernel/errors.ts'
import type { GroupResult, WriteCall } from './commit-group.ts'
import { openJournal, type Journal } from './journal.ts'
import { Recorder } from './recorder.ts'
import type { SqliteSettings } from './sqlite-connection.ts'
import { startWriterThread, type WriterThread } from './start-writer-thread.ts'
import { type StoreFailure, storeErrorFrom } from './store-failure.ts'
import { WaitingCalls, type WaitingCall } from './waiting-calls.ts'
import { textOfCall } from './write-call-text.ts'
import type { FromWriter, ToWriter } from './writer-thread.ts'

type Group = { readonly calls: readonly WaitingCall[]; readonly segment: number | null }

export type WriterOptions = {
  /** Where what is acknowledged before the database has it is written; only for the database's owner. */
  readonly journalFolder?: string
  /** Whether what is acknowledged from the journal survives a power cut. */
  readonly survivesPowerCut?: boolean
  /** Called for a recorded call that the database will never take. */
  readonly onRefused?: (error: StoreError) => void
  readonly startThread?: (settings: SqliteSettings) => Promise<WriterThread>
}

/** So many recorded calls share a transaction; one alone costs three times as much. */
const recordedCallsWaitMs = 50
const retryAfterMs = 500

/**
 * Group commit: what arrives while one group is being written becomes the next group, one
 * transaction each, on a thread of its own so that the disk never holds up the event loop.
 */
export class GroupCommitWriter {
  readonly #options: WriterOptions
  readonly #startThread: () => Promise<WriterThread>
  #journal: Journal | null = null
  #recorder: Recorder | null = null
  #thread: Worker
  readonly #waiting = new WaitingCalls()
  #inFlight: Group | null = null
  #removable: number
  #scheduled = false
  #timer: NodeJS.Timeout | null = null
  #ended: StoreError | null = null
  #closed: Promise<void> | null = null
  #restarting = false
  #closing = false

  private constructor(
    settings: SqliteSettings,
    options: WriterOptions,
    { thread, written }: WriterThread,
  ) {
    this.#options = options
    const { startThread = startWriterThread } = options
    this.#startThread = () => startThread(settings)
    this.#thread = thread
    this.#removable = written
    this.#listen()
  }

  /**
   * Opens the database, brings its tables to the newest form, and writes what an earlier process
   * recorded in the journal. Rejects with `StoreError`.
   */
  static async start(
    settings: SqliteSettings,
    options: WriterOptions = {},
  ): Promise<GroupCommitWriter> {
    const { startThread = startWriterThread } = options
    const started = await startThread(settings)
    const writer = new GroupCommitWriter(settings, options, started)
    if (options.journalFolder === undefined) return writer
    try {
      await writer.#openJournal(options.journalFolder, started.written)
    } catch (error) {
      await writer.close()
      throw error
    }
    return writer
  }

  /** Resolves when the rows are in the database; rejects with `StoreError` when none was written. */
  write(call: WriteCall): Promise<void> {
    if (call.length === 0) return Promise.resolve()
    const text = textOfCall(call)
    const refusal = this.#refusalOf(text)
    if (refusal !== null) return Promise.reject(refusal)
    this.#recorder?.flush()
    return new Promise((resolve, reject) => {
      this.#waiting.add({ call: text, segment: null, resolve, reject })
      this.#schedule()
    })
  }

  /**
   * Resolves when the rows survive the death of this process, or a power cut where that was asked
   * for; the database has them soon after. Without a journal as `write`.
   */
  record(call: WriteCall): Promise<void> {
    if (this.#recorder === null) return this.write(call)
    const text = textOfCall(call)
    const refusal = this.#refusalOf(text)
    return refusal === null ? this.#recorder.record(text) : Promise.reject(refusal)
  }

  /**
   * Resolves when the database has what was recorded before, so that a read sees it, or when it
   * refused; undefined when nothing is on its way.
   */
  settled(): Promise<void> | undefined {
    this.#recorder?.flush()
    const attempted = this.#waiting.recordedAttempted()
    if (attempted !== undefined) this.#schedule()
    return attempted
  }

  /** Refuses what comes later, writes what is waiting, then closes the database. */
  close(): Promise<void> {
    this.#closed ??= this.#finish()
    return this.#closed
  }

  async #openJournal(folder: string, written: number): Promise<void> {
    const { survivesPowerCut = false } = this.#options
    const { journal, leftover } = openJournal(folder, { written, survivesPowerCut })
    for (const call of leftover) {
      // One that the database has already is refused, as it should be.
      this.#waiting.add({ call, segment: journal.segment - 1, resolve: nothing, reject: nothing })
    }
    this.#journal = journal
    await this.settled()
    this.#recorder = new Recorder(journal, (texts, segment) => this.#addRecorded(texts, segment))
  }

  async #finish(): Promise<void> {
    if (this.#ended !== null) return
    this.#ended = new StoreError('The store is closed')
    await this.#recorder?.idle()
    if (this.#inFlight !== null || this.#waiting.length > 0) {
      this.#schedule()
      await this.#waiting.allAttempted()
    }
    // What a full disk refused stays in the journal for the next start.
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#closing = true
    this.#journal?.close()
    const closed = new Promise((resolve) => this.#thread.once('exit', resolve))
    this.#send({ type: 'close' })
    await closed
  }

  #addRecorded(texts: readonly string[], segment: number): void {
    const reject = (error: StoreError): void => this.#options.onRefused?.(error)
    for (const call of texts) this.#waiting.add({ call, segment, resolve: nothing, reject })
    this.#flushAfter(recordedCallsWaitMs)
  }

  #refusalOf(call: string): StoreError | null {
    return this.#ended ?? this.#waiting.refusalOf(call)
  }

  #flushAfter(delayMs: number): void {
    this.#timer ??= setTimeout(() => this.#flush(), delayMs)
  }

  /** At the end of the event loop's turn, so that one turn's calls share a group. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight !== null) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#restarting || this.#inFlight !== null || this.#waiting.length === 0) return
    const calls = this.#waiting.takeGroup()
    const segment = this.#segmentHeldBy(calls)
    this.#inFlight = { calls, segment }
    this.#send({ type: 'group', calls: calls.map(({ call }) => call), segment })
  }

  /** The last segment of which the group holds all that is not in the database yet. */
  #segmentHeldBy(calls: readonly WaitingCall[]): number | null {
    if (this.#journal === null || calls.every(({ segment }) => segment === null)) return null
    const last = this.#journal.rotate()
    const next = this.#waiting.firstSegment()
    return next === null ? last : Math.min(last, next - 1)
  }

  #send(message: ToWriter): void {
    this.#thread.postMessage(message)
  }

  #listen(): void {
    this.#thread.on('message', (message: FromWriter) => {
      if (message.type === 'results') this.#settle(message)
    })
    let cause: unknown
    this.#thread.on('error', (error) => {
      cause = error
    })
    this.#thread.once('exit', () => {
      if (!this.#closing) void this.#restart(cause)
    })
  }

  #settle({ results, noted }: GroupResult): void {
    const group = this.#inFlight
    if (group === null) return
    this.#inFlight = null
    if (noted && group.segment !== null) this.#removeSegments(group.segment)
    const again: WaitingCall[] = []
    for (const [index, waiting] of group.calls.entries()) {
      const failure = results[index]
      if (failure === null) waiting.resolve()
      else if (failure?.retryable && waiting.segment !== null) again.push(waiting)
      else waiting.reject(storeErrorFrom(failure ?? noResult(false)))
    }
    this.#waiting.putBack(again)
    this.#waiting.noteAttempt(group.calls.at(-1)?.sequence ?? 0)
    if (this.#waiting.length === 0) return
    if (again.length > 0) this.#flushAfter(retryAfterMs)
    else if (this.#waiting.areAwaited) this.#flush()
    else this.#flushAfter(recordedCallsWaitMs)
  }

  #removeSegments(upTo: number): void {
    for (let segment = this.#removable + 1; segment <= upTo; segment += 1) {
      this.#journal?.remove(segment)
    }
    this.#removable = Math.max(this.#removable, upTo)
  }

  /** A dead thread has rolled back what it had not committed; the next one goes on from there. */
  async #restart(cause: unknown): Promise<void> {
    this.#restarting = true
    try {
      const { thread, written } = await this.#startThread()
      this.#thread = thread
      this.#listen()
      this.#restarting = false
      this.#settleAfterDeath(written)
    } catch {
      this.#ended = new StoreError('The database writer died and could not be started again', {
        cause,
      })
      for (const { reject } of [...(this.#inFlight?.calls ?? []), ...this.#waiting.takeAll()]) {
        reject(this.#ended)
      }
      this.#inFlight = null
      this.#waiting.noteAttempt()
    }
  }

  #settleAfterDeath(written: number): void {
    const group = this.#inFlight
    if (group === null) return this.#flush()
    const noted = group.segment !== null && group.segment <= written
    this.#settle({
      noted,
      results: group.calls.map(({ segment }) => (noted ? null : noResult(segment !== null))),
    })
  }
}

function nothing(): void {
  // Nobody waits for the database to have a recorded call.
}

const noResult = (retryable: boolean): StoreFailure => ({
  message: 'The database writer died while writing; the rows may or may not be there',
  retryable,
})
