import type { PreferencePair } from '../kernel/dataset.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { Ledger } from '../kernel/stores.ts'

export type ExportedType = 'interaction' | 'preference-pair'

export type ExportFormat = 'jsonl' | 'csv'

type Cell = string | number | boolean | null

/**
 * Every record of one type as text, line by line in order of insertion. Only one page of records
 * is in memory at a time, however long the ledger is.
 */
export async function* exportLines(
  ledger: Pick<Ledger, 'scan'>,
  type: ExportedType,
  format: ExportFormat,
): AsyncGenerator<string, void, undefined> {
  if (format === 'jsonl') {
    for await (const record of ledger.scan(type)) yield `${JSON.stringify(record)}\n`
    return
  }
  const columns = type === 'interaction' ? interactionColumns : preferencePairColumns
  yield csvLine(columns)
  if (type === 'interaction') {
    for await (const record of ledger.scan(type)) yield csvLine(interactionCells(record))
    return
  }
  for await (const record of ledger.scan(type)) yield csvLine(preferencePairCells(record))
}

const interactionColumns = [
  'id',
  'taskId',
  'agent',
  'purpose',
  'model',
  'modelKind',
  'checkpoint',
  'messages',
  'sampling',
  'answer',
  'finishReason',
  'promptTokens',
  'completionTokens',
  'cachedPromptTokens',
  'reasoningTokens',
  'costNanoUsd',
  'latencyMs',
  'retries',
  'streamed',
  'error',
  'simulated',
  'generationId',
  'startedAtMs',
] as const

function interactionCells(record: Interaction): readonly Cell[] {
  return [
    record.id,
    record.taskId,
    record.agent,
    record.purpose,
    record.model,
    record.modelKind,
    record.checkpoint,
    JSON.stringify(record.messages),
    JSON.stringify(record.sampling),
    record.answer,
    record.finishReason,
    record.usage.promptTokens,
    record.usage.completionTokens,
    record.usage.cachedPromptTokens,
    record.usage.reasoningTokens,
    record.usage.cost,
    record.latencyMs,
    record.retries,
    record.streamed,
    record.error,
    record.simulated,
    record.generationId,
    record.startedAtMs,
  ]
}

const preferencePairColumns = [
  'id',
  'taskId',
  'agent',
  'kind',
  'messages',
  'chosen',
  'rejected',
  'comparisonId',
  'checkpoint',
  'rightModel',
  'rightDistillable',
  'rightBasis',
  'createdAtMs',
] as const

function preferencePairCells(record: PreferencePair): readonly Cell[] {
  return [
    record.id,
    record.taskId,
    record.agent,
    record.kind,
    JSON.stringify(record.messages),
    record.chosen,
    record.rejected,
    record.comparisonId,
    record.checkpoint,
    record.right.model,
    record.right.distillable,
    record.right.basis,
    record.createdAtMs,
  ]
}

/** RFC 4180: CRLF ends a line, quotes are doubled, null is an empty field. */
function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvField).join(',')}\r\n`
}

function csvField(cell: Cell): string {
  const text = cell === null ? '' : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
