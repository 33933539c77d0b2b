import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

type ExtraColumn = readonly [name: string, type: 'text' | 'integer', nullable?: 'nullable']

const ledgerTables: Readonly<Record<string, readonly ExtraColumn[]>> = {
  interactions: [
    ['purpose', 'text'],
    ['model', 'text'],
    ['model_kind', 'text'],
    ['checkpoint', 'text', 'nullable'],
    ['cost_nano_usd', 'integer'],
    ['failed', 'integer'],
  ],
  decisions: [
    ['kind', 'text'],
    ['route', 'text'],
    ['model', 'text'],
    ['checkpoint', 'text', 'nullable'],
    ['cost_nano_usd', 'integer'],
    ['always_frontier_cost_nano_usd', 'integer'],
  ],
  comparisons: [
    ['kind', 'text'],
    ['checkpoint', 'text', 'nullable'],
    ['source', 'text'],
    ['verdict', 'text'],
  ],
  feedback: [['decision_id', 'text']],
  examples: [
    ['kind', 'text'],
    ['use', 'text'],
  ],
  preference_pairs: [
    ['kind', 'text'],
    ['checkpoint', 'text', 'nullable'],
  ],
  dataset_versions: [['hash', 'text']],
  checkpoints: [['training_run_id', 'text']],
  evaluation_reports: [['candidate', 'text']],
  promotions: [['to_checkpoint', 'text', 'nullable']],
  threshold_changes: [],
}

export const firstTables: Migration = {
  async up(database) {
    await createRecordCounts(database)
    for (const [table, extraColumns] of Object.entries(ledgerTables)) {
      await createLedgerTable(database, table, extraColumns)
    }
    await database.schema
      .createTable('training_runs')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('started_at_ms', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    await createIndex(database, 'training_runs', ['started_at_ms'])
    await createIndex(database, 'training_runs', ['agent', 'started_at_ms'])
    await database.schema
      .createTable('states')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    await database.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('created_at_ms', 'integer', (column) => column.notNull())
      .addColumn('revoked_at_ms', 'integer')
      .modifyEnd(sql`strict`)
      .execute()
  },
}

async function createRecordCounts(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('record_counts')
    .addColumn('table_name', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('records', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('record_counts_key', ['table_name', 'agent'])
    .modifyEnd(sql`strict, without rowid`)
    .execute()
}

async function createLedgerTable(
  database: Kysely<unknown>,
  table: string,
  extraColumns: readonly ExtraColumn[],
): Promise<void> {
  let creation = database.schema
    .createTable(table)
    .addColumn('sequence', 'integer', (column) => column.primaryKey())
    .addColumn('record_key', 'text', (column) => column.unique())
    .addColumn('agent', 'text')
    .addColumn('task_id', 'text')
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
  for (const [name, type, nullable] of extraColumns) {
    creation = creation.addColumn(name, type, (column) =>
      nullable === 'nullable' ? column : column.notNull(),
    )
  }
  await creation.modifyEnd(sql`strict`).execute()
  // Every SQLite index ends with the row's sequence, so `agent` alone also gives the order.
  await createIndex(database, table, ['agent'])
  await createIndex(database, table, ['agent', 'at_ms'])
  await createIndex(database, table, ['at_ms'])
  await createIndex(database, table, ['task_id'])
  await sql`
    create trigger ${sql.id(`${table}_counted`)} after insert on ${sql.table(table)}
    begin
      insert into record_counts (table_name, agent, records)
      values (${sql.lit(table)}, coalesce(new.agent, ''), 1)
      on conflict (table_name, agent) do update set records = records + 1;
    end
  `.execute(database)
}

async function createIndex(
  database: Kysely<unknown>,
  table: string,
  columns: readonly string[],
): Promise<void> {
  await database.schema
    .createIndex(`${table}_by_${columns.join('_')}`)
    .on(table)
    .columns([...columns])
    .execute()
}
