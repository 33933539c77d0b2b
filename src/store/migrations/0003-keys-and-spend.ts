import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const dayMs = 86_400_000

/**
 * Roles, expiry and restrictions of keys, and what each key spent on each day. Keys made before
 * were the owner's; what was spent before belongs to no key.
 */
export const keysAndSpend: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .alterTable('api_keys')
      .addColumn('role', 'text', (column) => column.notNull().defaultTo('owner'))
      .execute()
    await database.schema.alterTable('api_keys').addColumn('expires_at_ms', 'integer').execute()
    await database.schema
      .alterTable('api_keys')
      .addColumn('restrictions', 'text', (column) => column.notNull().defaultTo('{}'))
      .execute()
    await database.schema
      .createTable('spend_by_day')
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('day', 'integer', (column) => column.notNull())
      .addColumn('nano_usd', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('spend_by_day_key', ['key_id', 'day'])
      .modifyEnd(sql`strict, without rowid`)
      .execute()
    await sql`
      insert into spend_by_day (key_id, day, nano_usd)
      select '', at_ms / ${sql.lit(dayMs)}, sum(cost_nano_usd)
      from interactions where cost_nano_usd > 0 group by 2
    `.execute(database)
  },
}
