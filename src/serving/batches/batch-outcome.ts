import type { Batch, BatchResult, BatchStore } from '../../kernel/batch.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { JsonValue } from '../../kernel/json.ts'
import { requestsIn } from './batch-lines.ts'
import type { BatchLine } from './batch-lines.ts'
import type { ContentWriter, FileContents } from './file-contents.ts'

/** The answer to one line: an HTTP status with the body that the endpoint would have sent. */
export type LineReply = {
  readonly status: number
  readonly body: JsonValue
  readonly requestId: string
  /** Trying again may help. */
  readonly retryable: boolean
  readonly retryAfterMs?: number
}

export type Ending = 'completed' | 'cancelled' | 'expired'

/** Why a line has no answer. */
const unanswered = {
  completed: { code: 'not_answered', message: 'This request has no answer.' },
  cancelled: { code: 'batch_cancelled', message: 'The batch was cancelled before this request.' },
  expired: { code: 'batch_expired', message: 'The batch expired before there was room for this.' },
} as const satisfies Record<Ending, JsonValue>

/** The result of a line as OpenAI's output and error files say it. */
export function resultOf(batchId: string, line: BatchLine, reply: LineReply): BatchResult {
  const { status, body, requestId } = reply
  const response = { status_code: status, request_id: requestId, body }
  return {
    line: line.line,
    failed: status < 200 || status >= 300,
    body: lineOf(batchId, line, { response, error: null }),
  }
}

/**
 * Writes every line once: answers to the output file, failures and lines without an answer to the
 * error file, in the order of the input. A file without lines is not kept.
 */
export async function writeBatchFiles(parts: {
  readonly batch: Batch & { readonly outputFileId: string; readonly errorFileId: string }
  readonly ending: Ending
  readonly store: BatchStore
  readonly contents: FileContents
  readonly clock: Clock
}): Promise<Pick<Batch, 'outputFileId' | 'errorFileId' | 'counts'>> {
  const { batch, contents } = parts
  const output = await contents.writer(batch.outputFileId)
  const errors = await contents.writer(batch.errorFileId)
  try {
    const counts = await writeLines(parts, output, errors)
    const keep = (id: string, kind: string, writer: ContentWriter, lines: number) =>
      lines === 0 ? writer.discard().then(() => null) : keepFile({ ...parts, id, kind, writer })
    return {
      outputFileId: await keep(batch.outputFileId, 'output', output, counts.completed),
      errorFileId: await keep(batch.errorFileId, 'error', errors, counts.failed),
      counts: { ...batch.counts, ...counts },
    }
  } catch (error) {
    await Promise.allSettled([output.discard(), errors.discard()])
    throw error
  }
}

async function writeLines(
  { batch, ending, store, contents }: Parameters<typeof writeBatchFiles>[0],
  output: ContentWriter,
  errors: ContentWriter,
): Promise<{ readonly completed: number; readonly failed: number }> {
  const results = store.results(batch.id)[Symbol.asyncIterator]()
  let next = await results.next()
  let [completed, failed] = [0, 0]
  for await (const line of requestsIn(contents.lines(batch.inputFileId), batch.endpoint)) {
    const result = next.done !== true && next.value.line === line.line ? next.value : null
    if (result !== null) next = await results.next()
    if (result !== null && !result.failed) {
      completed += 1
      await output.writeLine(result.body)
      continue
    }
    failed += 1
    const nothing = { response: null, error: unanswered[ending] }
    await errors.writeLine(result?.body ?? lineOf(batch.id, line, nothing))
  }
  return { completed, failed }
}

async function keepFile(file: {
  readonly batch: Batch
  readonly store: BatchStore
  readonly clock: Clock
  readonly id: string
  readonly kind: string
  readonly writer: ContentWriter
}): Promise<string> {
  const { batch, id } = file
  await file.store.saveFile({
    id,
    tenant: batch.tenant,
    filename: `${batch.id}_${file.kind}.jsonl`,
    purpose: 'batch_output',
    sizeBytes: await file.writer.finish(),
    createdAtMs: file.clock.now(),
  })
  return id
}

function lineOf(
  batchId: string,
  { line, customId }: BatchLine,
  outcome: { readonly response: JsonValue; readonly error: JsonValue },
): string {
  return JSON.stringify({ id: `${batchId}_req_${line}`, custom_id: customId, ...outcome })
}
