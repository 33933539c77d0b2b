import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { firstTables } from './migrations/0001-first-tables.ts'
import { countsByGroup } from './migrations/0002-counts-by-group.ts'
import { keysAndSpend } from './migrations/0003-keys-and-spend.ts'
import { answersAndBatches } from './migrations/0004-answers-and-batches.ts'
import { cacheChecks } from './migrations/0005-cache-checks.ts'

/** In the order of their names; one that was released is never changed. */
const migrations = {
  '0001-first-tables': firstTables,
  '0002-counts-by-group': countsByGroup,
  '0003-keys-and-spend': keysAndSpend,
  '0004-answers-and-batches': answersAndBatches,
  '0005-cache-checks': cacheChecks,
}

/** Brings the database to the newest form. Throws what the failing migration threw. */
export async function migrateToNewest<Tables>(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
