import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from './open-store.ts'
import { anInteraction } from './sample-records.ts'
import { openForReading } from './sqlite-connection.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-faults-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('a full database refuses what does not fit, says so, and goes on with what fits', async () => {
  const path = join(folder, 'village.db')
  const store = await openStore({ path, durability: 'process', maxSizeBytes: 1_000_000 })
  const large = 'x'.repeat(2_000_000)

  const outcomes = await Promise.allSettled([
    store.ledger.commit([{ type: 'interaction', record: anInteraction({ id: 'int_a' }) }]),
    store.ledger.commit([
      { type: 'interaction', record: anInteraction({ id: 'int_b' }) },
      { type: 'interaction', record: anInteraction({ id: 'int_c', answer: large }) },
    ]),
    store.ledger.commit([{ type: 'interaction', record: anInteraction({ id: 'int_d' }) }]),
  ])
  await store.ledger.commit([{ type: 'interaction', record: anInteraction({ id: 'int_e' }) }])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({
    reason: { name: 'StoreError', retryable: true, message: expect.stringContaining('full') },
  })
  const ids = (await store.ledger.list('interaction')).map(({ id }) => id)
  expect(ids).toEqual(['int_a', 'int_d', 'int_e'])
  await store.close()
})

test('a disk that refuses a write fails that commit alone and leaves a sound database', async () => {
  const path = join(folder, 'village.db')
  const child = fileURLToPath(new URL('./full-disk-child.ts', import.meta.url))

  // The shell lets no file grow beyond 1 MiB (blocks of 512 or 1,024 bytes), as a full disk would.
  const output = execFileSync('/bin/bash', [
    '-c',
    'trap "" XFSZ; ulimit -f 1024; exec "$0" "$@"',
    process.execPath,
    child,
    path,
  ]).toString()

  expect(JSON.parse(output)).toEqual({ before: 'written', large: 'StoreError', after: 'written' })
  const database = openForReading(path)
  const integrity = database.prepare('pragma integrity_check').get()
  const keys = database.prepare('select record_key from interactions order by sequence').all()
  database.close()
  expect(integrity).toEqual({ integrity_check: 'ok' })
  expect(keys.map((row) => row['record_key'])).toEqual(['int_before', 'int_after'])
})

test('a file that is no database is refused with the reason', async () => {
  const path = join(folder, 'village.db')
  await writeFile(path, 'These are not the pages of a database. '.repeat(200))

  const opening = openStore({ path, durability: 'process' })

  await expect(opening).rejects.toMatchObject({
    name: 'StoreError',
    message: expect.stringContaining('not a database'),
  })
})

test('a backup made under load restores with everything acknowledged before it', async () => {
  const store = await openStore({ path: join(folder, 'village.db'), durability: 'process' })
  const backup = join(folder, 'backup.db')
  const commit = (id: string): Promise<void> =>
    store.ledger.commit([{ type: 'interaction', record: anInteraction({ id }) }])
  const before = Array.from({ length: 500 }, (_, index) => `int_before_${index}`)
  await Promise.all(before.map(commit))
  const backedUp = new AbortController()

  const backingUp = store.backupTo(backup).finally(() => {
    backedUp.abort()
  })
  for (let index = 0; !backedUp.signal.aborted; index += 1) await commit(`int_during_${index}`)
  await backingUp
  await store.close()

  const restored = await openStore({ path: backup, durability: 'process' })
  const ids = new Set((await restored.ledger.list('interaction')).map(({ id }) => id))
  await restored.close()
  expect(before.filter((id) => !ids.has(id))).toEqual([])
  expect(await readdir(folder)).not.toContain('backup.db.partial')
})

test('a backup that cannot be written fails and leaves nothing half-written', async () => {
  const store = await openStore({ path: join(folder, 'village.db'), durability: 'process' })

  const backingUp = store.backupTo(join(folder, 'no-such-folder', 'backup.db'))

  await expect(backingUp).rejects.toMatchObject({ name: 'StoreError' })
  await store.close()
})

test('opens again with what was there, without changing it', async () => {
  const path = join(folder, 'village.db')
  const first = await openStore({ path, durability: 'power' })
  await first.ledger.commit([{ type: 'interaction', record: anInteraction({ id: 'int_a' }) }])
  await first.close()

  const second = await openStore({ path, durability: 'power' })
  const ids = (await second.ledger.list('interaction')).map(({ id }) => id)
  await second.close()

  expect(ids).toEqual(['int_a'])
})
