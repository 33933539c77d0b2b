import type { Batch, BatchStatus, BatchStore } from '../../kernel/batch.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { checkLines } from './batch-lines.ts'
import type { BatchLine } from './batch-lines.ts'
import { resultOf, writeBatchFiles } from './batch-outcome.ts'
import { isCutShort, nextUnanswered, openRun, replyTo } from './batch-run.ts'
import type { BatchRun, RunLine } from './batch-run.ts'
import { BatchTurns } from './batch-turns.ts'
import type { FileContents } from './file-contents.ts'

export type BatchProcessorParts = {
  readonly store: BatchStore
  readonly contents: FileContents
  readonly clock: Clock
  readonly ids: Ids
  readonly maxLines: number
  /** How many lines may be under way now, in view of the interactive traffic. */
  readonly room: () => number
  /** Lines that may be started in a minute. */
  readonly linesPerMinute: number
  readonly onError: (error: unknown) => void
}

const inWork: ReadonlySet<BatchStatus> = new Set(['in_progress', 'finalizing', 'cancelling'])

const roomPauseMs = 50
const failurePauseMs = 5_000

/**
 * Works through batches in what the interactive traffic leaves free, tenants in turns. What a line
 * got is committed before its place is given on: after a crash only lines without a result are asked
 * again, and the files name every line once.
 */
export class BatchProcessor {
  readonly #parts: BatchProcessorParts
  readonly #runs = new Map<string, BatchRun>()
  readonly #turns = new BatchTurns<BatchRun>()
  readonly #stopping = new AbortController()
  readonly #pending = new Set<Promise<unknown>>()
  /** Batches that are being checked, or that wait to be taken up again. */
  readonly #beginning = new Map<string, Promise<void>>()
  #underWay = 0
  #nextStartMs = 0
  #wakeUp: () => void = () => undefined

  constructor(parts: BatchProcessorParts) {
    this.#parts = parts
  }

  /** Lines under way. */
  get underWay(): number {
    return this.#underWay
  }

  /** Takes up every batch that is not finished, and works from then on. */
  async start(runLine: RunLine): Promise<void> {
    for (const batch of await this.#parts.store.unfinishedBatches()) this.add(batch)
    this.#track(this.#work(runLine))
  }

  /** Cuts off what is under way; it is taken up at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The village is stopping'))
    this.#wakeUp()
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }

  /** The batch as it is now, when it is in work. */
  current(id: string): Batch | null {
    return this.#runs.get(id)?.batch ?? null
  }

  /** Works on a batch that the store has. */
  add(batch: Batch): void {
    this.#start(batch.id, this.#begin(batch))
  }

  /** What is under way is finished, nothing more is begun. */
  async cancel(id: string): Promise<Batch | null> {
    await this.#beginning.get(id)
    const run = this.#runs.get(id)
    if (run === undefined) return this.#parts.store.batch(id)
    if (run.isFinishing || isCutShort(run)) return run.batch
    run.ending = 'cancelled'
    run.batch = this.#reached(run.batch, 'cancelling')
    try {
      await this.#parts.store.saveBatch(run.batch)
    } finally {
      this.#endRun(run)
    }
    return run.batch
  }

  async #begin(batch: Batch): Promise<void> {
    try {
      const checked = batch.status === 'validating' ? await this.#check(batch) : batch
      if (!inWork.has(checked.status)) return
      const run = await openRun(checked, this.#parts)
      this.#runs.set(batch.id, run)
      if (checked.status === 'in_progress') this.#turns.add(run)
      else this.#endRun(run)
      this.#wakeUp()
    } catch (error) {
      this.#parts.onError(error)
      this.#start(batch.id, this.#beginAgain(batch.id))
    }
  }

  async #check(batch: Batch): Promise<Batch> {
    const { contents, maxLines } = this.#parts
    const lines = contents.lines(batch.inputFileId)
    const { total, problems } = await checkLines(lines, { endpoint: batch.endpoint, maxLines })
    const counts = { ...batch.counts, total: problems.length > 0 ? 0 : total }
    const status = problems.length > 0 ? 'failed' : 'in_progress'
    const checked = this.#reached({ ...batch, counts, problems }, status)
    await this.#parts.store.saveBatch(checked)
    return checked
  }

  async #work(runLine: RunLine): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#expire()
      if (this.#turns.isEmpty) {
        await this.#untilThereIsWork()
        continue
      }
      const waitMs = this.#untilRoomMs()
      if (waitMs > 0) {
        await this.#pause(waitMs)
        continue
      }
      const run = this.#turns.next()
      if (run !== null) await this.#startLine(run, runLine)
    }
  }

  async #startLine(run: BatchRun, runLine: RunLine): Promise<void> {
    try {
      const line = await nextUnanswered(run)
      // A batch may have been cancelled while its next line was read.
      if (run.ending !== null) return
      if (line === null) {
        run.ending = 'completed'
        this.#endRun(run)
        return
      }
      this.#nextStartMs =
        Math.max(this.#nextStartMs, this.#parts.clock.now()) + 60_000 / this.#parts.linesPerMinute
      run.underWay += 1
      this.#underWay += 1
      this.#track(this.#answerLine(run, line, runLine))
    } catch (error) {
      this.#fail(run, error)
    }
  }

  async #answerLine(run: BatchRun, line: BatchLine, runLine: RunLine): Promise<void> {
    let stored = false
    try {
      const { batch } = run
      const reply = await replyTo(run, line, {
        runLine,
        clock: this.#parts.clock,
        signal: this.#stopping.signal,
      })
      const result = resultOf(batch.id, line, reply)
      await this.#parts.store.addResult(batch.id, result)
      stored = true
      const counts = { ...run.batch.counts }
      counts[result.failed ? 'failed' : 'completed'] += 1
      run.batch = { ...run.batch, counts }
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#fail(run, error)
    } finally {
      run.underWay -= 1
      this.#underWay -= 1
      this.#wakeUp()
    }
    if (stored && run.ending !== null) this.#endRun(run)
  }

  /** Nothing more is begun; the files are written once nothing is under way any more. */
  #endRun(run: BatchRun): void {
    this.#turns.remove(run)
    if (run.underWay > 0 || run.isFinishing || this.#runs.get(run.batch.id) !== run) return
    run.isFinishing = true
    this.#track(this.#finish(run).catch((error: unknown) => this.#fail(run, error)))
  }

  async #finish(run: BatchRun): Promise<void> {
    const { store, contents, ids, clock } = this.#parts
    await run.lines.return(undefined)
    const ending = run.ending ?? 'completed'
    const outputFileId = run.batch.outputFileId ?? ids.next('file')
    const errorFileId = run.batch.errorFileId ?? ids.next('file')
    if (ending === 'completed') run.batch = this.#reached(run.batch, 'finalizing')
    const batch = { ...run.batch, outputFileId, errorFileId }
    await store.saveBatch(batch)
    const written = await writeBatchFiles({ batch, ending, store, contents, clock })
    await store.saveBatch(this.#reached({ ...batch, ...written }, ending))
    this.#runs.delete(batch.id)
  }

  #expire(): void {
    const nowMs = this.#parts.clock.now()
    for (const run of this.#turns.all()) {
      if (run.batch.expiresAtMs > nowMs || run.ending !== null) continue
      run.ending = 'expired'
      this.#endRun(run)
    }
  }

  #untilRoomMs(): number {
    if (this.#underWay >= this.#parts.room()) return roomPauseMs
    return Math.min(this.#nextStartMs - this.#parts.clock.now(), failurePauseMs)
  }

  /** The store has the truth: the batch is taken up again from there. */
  #fail(run: BatchRun, error: unknown): void {
    this.#parts.onError(error)
    const { id } = run.batch
    if (this.#runs.get(id) !== run) return
    this.#turns.remove(run)
    this.#runs.delete(id)
    run.lines.return(undefined).catch(this.#parts.onError)
    this.#start(id, this.#beginAgain(id))
  }

  async #beginAgain(batchId: string): Promise<void> {
    const { clock, store } = this.#parts
    try {
      await clock.sleep(failurePauseMs, this.#stopping.signal)
    } catch {
      return
    }
    const batch = await store.batch(batchId)
    if (batch !== null) await this.#begin(batch)
  }

  #start(batchId: string, beginning: Promise<void>): void {
    this.#beginning.set(batchId, beginning)
    this.#track(
      beginning.finally(() => {
        if (this.#beginning.get(batchId) === beginning) this.#beginning.delete(batchId)
      }),
    )
  }

  #untilThereIsWork(): Promise<void> {
    return new Promise((resolve) => (this.#wakeUp = resolve))
  }

  async #pause(durationMs: number): Promise<void> {
    const pause = new AbortController()
    this.#wakeUp = () => pause.abort()
    await this.#parts.clock.sleep(durationMs, pause.signal).catch(() => undefined)
  }

  #reached(batch: Batch, status: BatchStatus): Batch {
    const reachedAtMs = { [status]: this.#parts.clock.now(), ...batch.reachedAtMs }
    return { ...batch, status, reachedAtMs }
  }

  #track(work: Promise<unknown>): void {
    this.#pending.add(work)
    const forget = (): void => void this.#pending.delete(work)
    work.then(forget, (error: unknown) => {
      forget()
      this.#parts.onError(error)
    })
  }
}
