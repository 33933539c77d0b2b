import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { agentPosition, isLedgerTable } from './record-columns.ts'
import { describeFailure, type StoreFailure } from './store-failure.ts'
import type { RowWrite, StatementName } from './write-statements.ts'

/** The rows of one caller: all are written or none. */
export type WriteCall = readonly RowWrite[]

type WriteResult = StoreFailure | null

export type GroupResult = {
  readonly results: readonly WriteResult[]
  /** Whether the journal's segment was noted as written. */
  readonly noted: boolean
}

export type PreparedStatements = Readonly<Record<StatementName, StatementSync>>

/** Under this key of `states` stands the last segment of the journal that the database has. */
export const journalKey = 'journal'

/**
 * Writes a group of calls in one transaction and says for each what became of it. Where one fails,
 * the group is undone and each call is written by itself, so that it takes no other one with it.
 * @param journalSegment noted with the calls when they hold all of that segment
 */
export function commitGroup(
  database: DatabaseSync,
  statements: PreparedStatements,
  calls: readonly WriteCall[],
  journalSegment: number | null,
): GroupResult {
  const note = noteOf(journalSegment)
  const failure = commitTogether(database, statements, [...calls, ...note])
  if (failure === null) return { results: calls.map(() => null), noted: true }
  const results =
    calls.length === 1
      ? [failure]
      : calls.map((call) => commitTogether(database, statements, [call]))
  // What may still be written keeps its segment; what can never be written does not.
  const mayBeNoted = !results.some((result) => result?.retryable)
  return { results, noted: mayBeNoted && commitTogether(database, statements, note) === null }
}

function noteOf(segment: number | null): readonly WriteCall[] {
  return segment === null ? [] : [[{ statement: 'states', values: [journalKey, String(segment)] }]]
}

function commitTogether(
  database: DatabaseSync,
  statements: PreparedStatements,
  calls: readonly WriteCall[],
): WriteResult {
  try {
    database.exec('begin immediate')
    writeRows(statements, calls)
    database.exec('commit')
    return null
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    return describeFailure(error)
  }
}

function writeRows(statements: PreparedStatements, calls: readonly WriteCall[]): void {
  const newRecords = new Map<string, { table: string; agent: string; records: number }>()
  const newSpend = new Map<string, { keyId: string; day: number; nanoUsd: number }>()
  for (const call of calls) {
    for (const { statement, values } of call) {
      if (statement === 'spend_by_day') {
        addSpend(newSpend, values)
        continue
      }
      const { changes } = statements[statement].run(...values)
      if (!isLedgerTable(statement)) continue
      const agent = String(values[agentPosition] ?? '')
      const key = `${statement} ${agent}`
      const records = (newRecords.get(key)?.records ?? 0) + Number(changes)
      newRecords.set(key, { table: statement, agent, records })
    }
  }
  for (const { table, agent, records } of newRecords.values()) {
    statements.record_counts.run(table, agent, records)
  }
  for (const { keyId, day, nanoUsd } of newSpend.values()) {
    statements.spend_by_day.run(keyId, day, nanoUsd)
  }
}

function addSpend(
  newSpend: Map<string, { keyId: string; day: number; nanoUsd: number }>,
  values: RowWrite['values'],
): void {
  const [keyId, day, nanoUsd] = values as readonly [string, number, number]
  const key = `${day} ${keyId}`
  newSpend.set(key, { keyId, day, nanoUsd: (newSpend.get(key)?.nanoUsd ?? 0) + nanoUsd })
}
