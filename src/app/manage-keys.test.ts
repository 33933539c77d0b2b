import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noRateLimits } from '../kernel/api-key.ts'
import { systemClock } from '../kernel/clock.ts'
import { createIds } from '../kernel/ids.ts'
import { seededRandom } from '../kernel/random.ts'
import { openStore } from '../store/open-store.ts'
import { findKey } from '../village/access/key-ring.ts'
import { createKey, listKeys, revokeKey, rotateKey } from './manage-keys.ts'
import { ownerKey } from './owner-key.ts'

let home: string
let environment: { readonly VILLAGE_HOME: string }

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'village-keys-'))
  environment = { VILLAGE_HOME: home }
})

afterEach(() => rm(home, { recursive: true, force: true }))

const wishes = {
  name: 'team',
  role: 'member',
  allowedModels: null,
  limits: noRateLimits,
  budgetsUsd: { dailyUsd: 1.5, monthlyUsd: null, totalUsd: null },
} as const

test('keys made on the command line work in a village that runs, and stop when revoked', async () => {
  const store = await openStore({ path: join(home, 'village.db'), durability: 'process' })
  const find = (key: string) => findKey(store.keys, key, systemClock.now())

  const { key, record } = await createKey(environment, wishes)
  const made = await find(key)
  const rotated = await rotateKey(environment, record.id)
  const [withOld, withNew] = [await find(key), await find(rotated.key)]
  await revokeKey(environment, record.id)
  const revoked = await find(rotated.key)
  await store.close()

  expect(made).toEqual(record)
  expect(made?.budgets.day).toBe(1_500_000_000)
  expect([withOld?.id, withNew?.id, revoked?.id]).toEqual([undefined, record.id, undefined])
})

test('lists keys without their hashes, and a home without a village has none', async () => {
  await expect(listKeys(environment)).rejects.toThrow('does not exist. Start the village first')
  const { record } = await createKey(environment, wishes)

  const listed = await listKeys(environment)

  expect(listed).toMatchObject([{ id: record.id, name: 'team', spentUsd: 0 }])
  expect(JSON.stringify(listed)).not.toContain(record.hash)
})

test("the first key is the owner's, and a new secret of it goes into its file", async () => {
  const file = join(home, 'owner-key')
  const store = await openStore({ path: join(home, 'village.db'), durability: 'process' })
  const ids = createIds(systemClock, seededRandom(1))
  const first = await ownerKey({ file, keys: store.keys, clock: systemClock, ids })
  const [record] = await store.keys.list()

  const { key } = await rotateKey(environment, record?.id ?? '')
  const next = await ownerKey({ file, keys: store.keys, clock: systemClock, ids })
  await store.close()

  expect(record).toMatchObject({ name: 'owner', role: 'owner' })
  expect(key).not.toBe(first)
  expect(next).toBe(key)
  expect((await readFile(file, 'utf8')).trim()).toBe(key)
  expect((await stat(file)).mode & 0o077).toBe(0)
})

test('leaves the file alone when another key is rotated', async () => {
  await writeFile(join(home, 'owner-key'), 'vk-something-else\n')
  const { record } = await createKey(environment, wishes)

  await rotateKey(environment, record.id)

  expect(await readFile(join(home, 'owner-key'), 'utf8')).toBe('vk-something-else\n')
})
