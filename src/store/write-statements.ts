import { type Kysely, sql } from 'kysely'
import type { LedgerTableName, VillageTables } from './database.ts'
import { columnNames } from './record-columns.ts'

export type StatementName =
  | LedgerTableName
  | 'training_runs'
  | 'states'
  | 'api_keys'
  | 'record_counts'
  | 'spend_by_day'
  | 'cached_answers'
  | 'cached_answers_removed'
  | 'stored_files'
  | 'stored_files_removed'
  | 'batches'
  | 'batch_results'
  | 'batch_results_removed'

/** One row to write: which statement, and its values in the order of the statement's columns. */
export type RowWrite = {
  readonly statement: StatementName
  readonly values: readonly (string | number | null)[]
}

const ownColumnNames = {
  training_runs: ['id', 'agent', 'status', 'started_at_ms', 'body'],
  states: ['key', 'value'],
  api_keys: [
    'id',
    'name',
    'hash',
    'created_at_ms',
    'revoked_at_ms',
    'role',
    'expires_at_ms',
    'restrictions',
  ],
  record_counts: ['table_name', 'agent', 'records'],
  spend_by_day: ['key_id', 'day', 'nano_usd'],
  cached_answers: ['key', 'stored_at_ms', 'head', 'body'],
  stored_files: ['id', 'tenant', 'body'],
  batches: ['id', 'tenant', 'body', 'finished'],
  batch_results: ['batch_id', 'line', 'failed', 'body'],
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
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          name: row.ref('excluded.name'),
          hash: row.ref('excluded.hash'),
          revoked_at_ms: row.ref('excluded.revoked_at_ms'),
          role: row.ref('excluded.role'),
          expires_at_ms: row.ref('excluded.expires_at_ms'),
          restrictions: row.ref('excluded.restrictions'),
        })),
      )
      .compile().sql,
    record_counts: database
      .insertInto('record_counts')
      .values(placeholders(ownColumnNames.record_counts) as never)
      .onConflict((conflict) =>
        conflict.columns(['table_name', 'agent']).doUpdateSet((row) => ({
          records: sql<number>`${sql.ref('record_counts.records')} + ${row.ref('excluded.records')}`,
        })),
      )
      .compile().sql,
    spend_by_day: database
      .insertInto('spend_by_day')
      .values(placeholders(ownColumnNames.spend_by_day) as never)
      .onConflict((conflict) =>
        conflict.columns(['key_id', 'day']).doUpdateSet((row) => ({
          nano_usd: sql<number>`${sql.ref('spend_by_day.nano_usd')} + ${row.ref('excluded.nano_usd')}`,
        })),
      )
      .compile().sql,
    cached_answers: database
      .insertInto('cached_answers')
      .values(placeholders(ownColumnNames.cached_answers) as never)
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((row) => ({
          stored_at_ms: row.ref('excluded.stored_at_ms'),
          head: row.ref('excluded.head'),
          body: row.ref('excluded.body'),
        })),
      )
      .compile().sql,
    cached_answers_removed: database.deleteFrom('cached_answers').where('key', '=', '').compile()
      .sql,
    stored_files: database
      .insertInto('stored_files')
      .values(placeholders(ownColumnNames.stored_files) as never)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({ body: row.ref('excluded.body') })),
      )
      .compile().sql,
    stored_files_removed: database.deleteFrom('stored_files').where('id', '=', '').compile().sql,
    batches: database
      .insertInto('batches')
      .values(placeholders(ownColumnNames.batches) as never)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          body: row.ref('excluded.body'),
          finished: row.ref('excluded.finished'),
        })),
      )
      .compile().sql,
    batch_results: database
      .insertInto('batch_results')
      .values(placeholders(ownColumnNames.batch_results) as never)
      .onConflict((conflict) => conflict.columns(['batch_id', 'line']).doNothing())
      .compile().sql,
    batch_results_removed: database.deleteFrom('batch_results').where('batch_id', '=', '').compile()
      .sql,
  }
}

/** Only the order of the columns matters: the values are bound when the statement runs. */
function placeholders(columns: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map((column) => [column, '']))
}
