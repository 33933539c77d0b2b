import type { Batch, BatchStore } from '../../kernel/batch.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { requestsIn } from './batch-lines.ts'
import type { BatchLine } from './batch-lines.ts'
import type { Ending, LineReply } from './batch-outcome.ts'
import type { FileContents } from './file-contents.ts'

/** A batch in work. */
export type BatchRun = {
  readonly tenant: string
  batch: Batch
  readonly lines: AsyncGenerator<BatchLine>
  /** Lines that had a result when the work began. */
  readonly answered: ReadonlyMap<number, unknown>
  underWay: number
  ending: Ending | null
  isFinishing: boolean
}

/** Answers one line; rejects with the signal's reason when it aborts, and never otherwise. */
export type RunLine = (
  request: { readonly endpoint: string; readonly tenant: string; readonly body: JsonObject },
  signal: AbortSignal,
) => Promise<LineReply>

const mostAttempts = 4
const firstRetryMs = 1_000
const longestRetryMs = 60_000

/** Takes a checked batch up where it stopped. */
export async function openRun(
  batch: Batch,
  { contents, store }: { readonly contents: FileContents; readonly store: BatchStore },
): Promise<BatchRun> {
  const answered = await store.answeredLines(batch.id)
  const failed = [...answered.values()].filter((line) => line.failed).length
  const counts = { ...batch.counts, completed: answered.size - failed, failed }
  return {
    tenant: batch.tenant,
    batch: { ...batch, counts },
    lines: requestsIn(contents.lines(batch.inputFileId), batch.endpoint),
    answered,
    underWay: 0,
    ending: endingOf(batch),
    isFinishing: false,
  }
}

export async function nextUnanswered(run: BatchRun): Promise<BatchLine | null> {
  for (;;) {
    const next = await run.lines.next()
    if (next.done === true) return null
    if (!run.answered.has(next.value.line)) return next.value
  }
}

/** Asks again where that may help, unless the batch is to end early. */
export async function replyTo(
  run: BatchRun,
  line: BatchLine,
  ports: { readonly runLine: RunLine; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<LineReply> {
  const { runLine, clock, signal } = ports
  const { endpoint, tenant } = run.batch
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    const reply = await runLine({ endpoint, tenant, body: line.body }, signal)
    if (!reply.retryable || attempt === mostAttempts || isCutShort(run)) return reply
    const waitMs = reply.retryAfterMs ?? firstRetryMs * 2 ** (attempt - 1)
    await clock.sleep(Math.min(waitMs, longestRetryMs), signal)
  }
}

/** To end before all of its lines were begun. */
export function isCutShort({ ending }: BatchRun): boolean {
  return ending === 'cancelled' || ending === 'expired'
}

/** How a batch that was found in the store is to end, when that was settled before. */
function endingOf({ status }: Batch): Ending | null {
  if (status === 'cancelling') return 'cancelled'
  return status === 'finalizing' ? 'completed' : null
}
