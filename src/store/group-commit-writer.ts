import { Worker } from 'node:worker_threads'
import { StoreError } from '../kernel/errors.ts'
import type { WriteCall, WriteResult } from './commit-group.ts'
import type { SqliteSettings } from './sqlite-connection.ts'
import { storeErrorFrom } from './store-failure.ts'
import type { FromWriter, ToWriter } from './writer-thread.ts'

type WaitingCall = {
  readonly call: WriteCall
  readonly sizeCharacters: number
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

type StartThread = () => Promise<Worker>

const maxCallsInGroup = 2_000
const maxWaitingCalls = 100_000
const maxWaitingCharacters = 64 * 1024 * 1024

/**
 * Group commit: what arrives while one group is being written becomes the next group, one
 * transaction each, on a thread of its own so that the disk never holds up the event loop.
 */
export class GroupCommitWriter {
  readonly #startThread: StartThread
  #thread: Worker
  #waiting: WaitingCall[] = []
  #waitingCharacters = 0
  #inFlight: readonly WaitingCall[] = []
  #scheduled = false
  #ended: StoreError | null = null
  #closed: Promise<void> | null = null
  #restarting = false
  #closing = false
  #onIdle: (() => void) | null = null

  private constructor(startNextThread: StartThread, thread: Worker) {
    this.#startThread = startNextThread
    this.#thread = thread
    this.#listen()
  }

  /** Opens the database and brings its tables to the newest form; rejects with `StoreError`. */
  static async start(
    settings: SqliteSettings,
    startThread: (settings: SqliteSettings) => Promise<Worker> = startWriterThread,
  ): Promise<GroupCommitWriter> {
    const startNextThread = (): Promise<Worker> => startThread(settings)
    return new GroupCommitWriter(startNextThread, await startNextThread())
  }

  /** Resolves when the rows are committed; rejects with `StoreError` when none was written. */
  write(call: WriteCall): Promise<void> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    if (call.length === 0) return Promise.resolve()
    const sizeCharacters = charactersIn(call)
    if (
      this.#waiting.length >= maxWaitingCalls ||
      this.#waitingCharacters + sizeCharacters > maxWaitingCharacters
    ) {
      return Promise.reject(
        new StoreError(
          `The database cannot keep up: ${this.#waiting.length} writes are waiting; try again`,
          { retryable: true },
        ),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, sizeCharacters, resolve, reject })
      this.#waitingCharacters += sizeCharacters
      this.#schedule()
    })
  }

  /** Refuses what comes later, writes what is waiting, then closes the database. */
  close(): Promise<void> {
    this.#closed ??= this.#finish()
    return this.#closed
  }

  async #finish(): Promise<void> {
    if (this.#ended !== null) return
    this.#ended = new StoreError('The store is closed')
    if (this.#inFlight.length > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    this.#closing = true
    const closed = new Promise((resolve) => this.#thread.once('exit', resolve))
    this.#send({ type: 'close' })
    await closed
  }

  /** At the end of the event loop's turn, so that one turn's calls share a group. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight.length > 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#sendGroup()
    })
  }

  #sendGroup(): void {
    if (this.#restarting || this.#inFlight.length > 0 || this.#waiting.length === 0) return
    this.#inFlight = this.#waiting.slice(0, maxCallsInGroup)
    this.#waiting = this.#waiting.slice(maxCallsInGroup)
    for (const { sizeCharacters } of this.#inFlight) this.#waitingCharacters -= sizeCharacters
    this.#send({ type: 'group', calls: this.#inFlight.map(({ call }) => call) })
  }

  #send(message: ToWriter): void {
    this.#thread.postMessage(message)
  }

  #listen(): void {
    this.#thread.on('message', (message: FromWriter) => {
      if (message.type === 'results') this.#settle(message.results)
    })
    let cause: unknown
    this.#thread.on('error', (error) => {
      cause = error
    })
    this.#thread.once('exit', () => {
      if (!this.#closing) void this.#restart(cause)
    })
  }

  #settle(results: readonly WriteResult[]): void {
    const settled = this.#inFlight
    this.#inFlight = []
    this.#sendGroup()
    for (const [index, waiting] of settled.entries()) {
      const failure = results[index]
      if (failure === null) waiting.resolve()
      else waiting.reject(storeErrorFrom(failure ?? noResult))
    }
    if (this.#inFlight.length === 0 && this.#waiting.length === 0) this.#onIdle?.()
  }

  /** A dead thread has rolled back what it had not committed; the next one goes on from there. */
  async #restart(cause: unknown): Promise<void> {
    this.#restarting = true
    try {
      this.#thread = await this.#startThread()
      this.#listen()
      this.#restarting = false
      this.#settle(this.#inFlight.map(() => noResult))
    } catch {
      this.#ended = new StoreError('The database writer died and could not be started again', {
        cause,
      })
      for (const { reject } of [...this.#inFlight, ...this.#waiting]) reject(this.#ended)
      this.#inFlight = []
      this.#waiting = []
      this.#onIdle?.()
    }
  }
}

const noResult = {
  message: 'The database writer died while writing; the rows may or may not be there',
  retryable: false,
}

/** Resolves when the database is open; rejects with `StoreError`. */
export async function startWriterThread(settings: SqliteSettings): Promise<Worker> {
  const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), {
    workerData: settings,
    name: 'store-writer',
  })
  const first = await new Promise<FromWriter>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
  })
  if (first.type === 'unusable') throw storeErrorFrom(first.failure)
  return thread
}

function charactersIn(call: WriteCall): number {
  let characters = 0
  for (const { values } of call) {
    for (const value of values) characters += typeof value === 'string' ? value.length : 8
  }
  return characters
}
