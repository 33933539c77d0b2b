import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Kept answers, files of tenants, batches, and what the lines of a batch have so far. */
export const answersAndBatches: Migration = {
  async up(database) {
    await database.schema
      .createTable('cached_answers')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('stored_at_ms', 'integer', (column) => column.notNull())
      .addColumn('head', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    await createOwnedTable(database, 'stored_files')
    await createOwnedTable(database, 'batches')
    await sql`alter table batches add column finished integer not null default 0`.execute(database)
    await database.schema
      .createTable('batch_results')
      .addColumn('batch_id', 'text', (column) => column.notNull())
      .addColumn('line', 'integer', (column) => column.notNull())
      .addColumn('failed', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('batch_results_key', ['batch_id', 'line'])
      .modifyEnd(sql`strict, without rowid`)
      .execute()
  },
}

/** Ids sort by time, so the index also gives a tenant's newest first. */
async function createOwnedTable(database: Kysely<unknown>, table: string): Promise<void> {
  await database.schema
    .createTable(table)
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute()
  await database.schema
    .createIndex(`${table}_by_tenant`)
    .on(table)
    .columns(['tenant', 'id'])
    .execute()
}
