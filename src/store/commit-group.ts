import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { describeFailure, type StoreFailure } from './store-failure.ts'
import type { RowWrite, StatementName } from './write-statements.ts'

/** The rows of one caller: all are written or none. */
export type WriteCall = readonly RowWrite[]

export type WriteResult = StoreFailure | null

export type PreparedStatements = Readonly<Record<StatementName, StatementSync>>

/**
 * Writes a group of calls in one transaction and says for each what became of it. A call that
 * fails takes no other one with it.
 */
export function commitGroup(
  database: DatabaseSync,
  statements: PreparedStatements,
  calls: readonly WriteCall[],
): readonly WriteResult[] {
  const results: WriteResult[] = []
  try {
    database.exec('begin immediate')
    for (const call of calls) results.push(writeCall(database, statements, call))
    database.exec('commit')
    return results
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    if (calls.length === 1) return [describeFailure(error)]
    return calls.flatMap((call) => commitGroup(database, statements, [call]))
  }
}

/** Throws only when the failure ended the whole transaction, as a full disk does. */
function writeCall(
  database: DatabaseSync,
  statements: PreparedStatements,
  call: WriteCall,
): WriteResult {
  database.exec('savepoint one_call')
  try {
    for (const { statement, values } of call) statements[statement].run(...values)
    database.exec('release one_call')
    return null
  } catch (error) {
    if (!database.isTransaction) throw error
    database.exec('rollback to one_call')
    database.exec('release one_call')
    return describeFailure(error)
  }
}
