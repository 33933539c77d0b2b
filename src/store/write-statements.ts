import type { Kysely } from 'kysely'
import type { LedgerTableName, VillageTables } from './database.ts'
import { columnNames } from './record-columns.ts'

export type StatementName = LedgerTableName | 'training_runs' | 'states' | 'api_keys'

/** One row to write: which statement, and its values in the order of the statement's columns. */
export type RowWrite = {
  readonly statement: StatementName
  readonly values: readonly (string | number | null)[]
}

const ownColumnNames = {
  training_runs: ['id', 'agent', 'status', 'started_at_ms', 'body'],
  states: ['key', 'value'],
  api_keys: ['id', 'name', 'hash', 'created_at_ms', 'revoked_at_ms'],
} as const

/** The SQL of every write, compiled once by Kysely. */
export function compileWriteStatements(
  database: Kysely<VillageTables>,
): Readonly<Record<StatementName, string>> {
  const ledger = Object.entries(columnNames).map(([table, columns]) => {
    const insert = database
      .insertInto(table as 'interactions')
      .columns(columns as readonly ['record_key'])
      .values(placeholders(columns) as never)
    // A checkpoint is named by its content: the same one again is no conflict.
    const idempotent =
      table === 'checkpoints'
        ? insert.onConflict((conflict) => conflict.column('record_key').doNothing())
        : insert
    return [table, idempotent.compile().sql] as const
  })
  return {
    ...(Object.fromEntries(ledger) as Record<LedgerTableName, string>),
    training_runs: database
      .insertInto('training_runs')
      .values(placeholders(ownColumnNames.training_runs) as never)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          agent: row.ref('excluded.agent'),
          status: row.ref('excluded.status'),
          started_at_ms: row.ref('excluded.started_at_ms'),
          body: row.ref('excluded.body'),
        })),
      )
      .compile().sql,
    states: database
      .insertInto('states')
      .values(placeholders(ownColumnNames.states) as never)
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
      )
      .compile().sql,
    api_keys: database
      .insertInto('api_keys')
      .values(placeholders(ownColumnNames.api_keys) as never)
      .compile().sql,
  }
}

/** Only the order of the columns matters: the values are bound when the statement runs. */
function placeholders(columns: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map((column) => [column, '']))
}
