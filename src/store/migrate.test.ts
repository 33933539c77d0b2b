import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Migrator } from 'kysely/migration'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { anApiKey } from '../kernel/sample-api-key.ts'
import { firstTables } from './migrations/0001-first-tables.ts'
import { openStore } from './open-store.ts'
import { columnNames, valuesOf } from './record-columns.ts'
import { anInteraction } from './sample-records.ts'
import { kyselyOver, openForReading, openForWriting } from './sqlite-connection.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-migrate-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('a database of the first form keeps its records and its counts, and counts on', async () => {
  const path = join(folder, 'village.db')
  await writeFirstForm(path, ['int_old', 'int_older'])

  const store = await openStore({ path, durability: 'process' })
  await store.ledger.commit([
    { type: 'interaction', record: anInteraction({ id: 'int_new' }) },
    { type: 'interaction', record: anInteraction({ id: 'int_bare', agent: null }) },
  ])

  expect(await store.ledger.count('interaction')).toBe(4)
  expect(await store.ledger.count('interaction', { agent: 'king' })).toBe(3)
  const ids = (await store.ledger.list('interaction', { agent: 'king' })).map(({ id }) => id)
  expect(ids).toEqual(['int_old', 'int_older', 'int_new'])
  await store.close()
})

test("what was spent before keys paid belongs to no key, and a key from before is the owner's", async () => {
  const path = join(folder, 'village.db')
  await writeFirstForm(path, ['int_old', 'int_older'])

  const store = await openStore({ path, durability: 'process' })
  const sums = await store.spend.sums({ day: 0, week: 0, month: 1 })
  const key = await store.keys.get('key_old')

  expect(sums).toEqual([{ keyId: null, day: 3_000, week: 3_000, month: 0, total: 3_000 }])
  expect(key).toEqual(anApiKey({ id: 'key_old', name: 'owner', hash: 'ab', role: 'owner' }))
  await store.close()
})

test('what belongs to an agent is found by its index', async () => {
  const path = join(folder, 'village.db')
  await (await openStore({ path, durability: 'process' })).close()
  const database = openForReading(path)

  const plan = database
    .prepare(`explain query plan select body from interactions where agent = ? order by sequence`)
    .all('king')

  database.close()
  expect(plan.map((step) => step['detail'])).toEqual([
    expect.stringContaining('USING INDEX interactions_by_agent'),
  ])
})

async function writeFirstForm(path: string, ids: readonly string[]): Promise<void> {
  const database = openForWriting({ path, durability: 'process' })
  const migrator = new Migrator({
    db: kyselyOver(database),
    provider: { getMigrations: async () => ({ '0001-first-tables': firstTables }) },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
  const columns = columnNames.interactions
  const insert = database.prepare(
    `insert into interactions (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  )
  for (const id of ids) {
    insert.run(...valuesOf({ type: 'interaction', record: anInteraction({ id, agent: 'king' }) }))
  }
  database.exec(
    `insert into api_keys (id, name, hash, created_at_ms) values ('key_old', 'owner', 'ab', 5)`,
  )
  database.close()
}
