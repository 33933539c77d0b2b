import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const table = 'cache_checks'

/** Kept answers beside the answers that were made to similar requests. */
export const cacheChecks: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable(table)
      .addColumn('sequence', 'integer', (column) => column.primaryKey())
      .addColumn('record_key', 'text', (column) => column.unique())
      .addColumn('agent', 'text')
      .addColumn('task_id', 'text')
      .addColumn('at_ms', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('band', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    for (const column of ['task_id', 'at_ms', 'tenant']) {
      await database.schema
        .createIndex(`${table}_by_${column}`)
        .on(table)
        .columns([column])
        .execute()
    }
  },
}
