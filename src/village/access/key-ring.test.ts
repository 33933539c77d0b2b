import { expect, test } from 'vitest'
import { mayUseModel, type KeyRole } from '../../kernel/api-key.ts'
import { createIds } from '../../kernel/ids.ts'
import { seededRandom } from '../../kernel/random.ts'
import type { ApiKeyStore } from '../../kernel/stores.ts'
import { findKey, KeyRing } from './key-ring.ts'

function ringInMemory() {
  let nowMs = 1_000_000
  const clock = { now: () => nowMs, sleep: () => Promise.reject(new Error('not used')) }
  const saved = new Map<string, Parameters<ApiKeyStore['save']>[0]>()
  const keys: ApiKeyStore = {
    save: async (key) => void saved.set(key.id, key),
    get: async (id) => saved.get(id) ?? null,
    findByHash: async (hash) => [...saved.values()].find((key) => key.hash === hash) ?? null,
    list: async () => [...saved.values()],
  }
  const ring = new KeyRing({ keys, clock, ids: createIds(clock, seededRandom(1)) })
  return {
    ring,
    saved,
    find: (key: string) => findKey(keys, key, nowMs),
    wait: (durationMs: number) => (nowMs += durationMs),
  }
}

test('what is kept of a key does not tell it', async () => {
  const { ring, saved, find } = ringInMemory()

  const { key, record } = await ring.issue({ name: 'first', role: 'member' }, 'owner')

  expect(key).toMatch(/^vk-[\w-]{32}$/)
  expect(JSON.stringify([...saved.values()])).not.toContain(key.slice(3, 13))
  expect(await find(key)).toEqual(record)
})

test('a rotated key keeps all but its secret', async () => {
  const { ring, find } = ringInMemory()
  const old = await ring.issue({ name: 'first', role: 'member', allowedModels: ['a'] }, 'owner')

  const { key, record } = await ring.rotate(old.record.id, 'owner')

  expect(await find(old.key)).toBeNull()
  expect(await find(key)).toEqual(record)
  expect(record).toEqual({ ...old.record, hash: record.hash })
})

test('a key ends when it was to end, to the millisecond', async () => {
  const { ring, find, wait } = ringInMemory()
  const wishes = { name: 'short', role: 'viewer', expiresAtMs: 1_000_500 } as const
  const { key } = await ring.issue(wishes, 'owner')

  wait(499)
  const before = await find(key)
  wait(1)

  expect(before).not.toBeNull()
  expect(await find(key)).toBeNull()
})

test('a key that would be dead at birth is refused', async () => {
  const { ring } = ringInMemory()

  const issuing = ring.issue({ name: 'late', role: 'viewer', expiresAtMs: 5 }, 'owner')

  await expect(issuing).rejects.toThrow('must expire in the future')
})

test.each<[KeyRole, KeyRole, boolean]>([
  ['owner', 'owner', true],
  ['owner', 'viewer', true],
  ['operator', 'member', true],
  ['operator', 'viewer', true],
  ['operator', 'operator', false],
  ['operator', 'owner', false],
  ['member', 'member', false],
  ['viewer', 'viewer', false],
])('%s makes, rotates and revokes keys of a(n) %s: %s', async (by, role, allowed) => {
  const { ring } = ringInMemory()
  await ring.issue({ name: 'other owner', role: 'owner' }, 'owner')
  const { record } = await ring.issue({ name: 'subject', role }, 'owner')

  const outcomes = await Promise.allSettled([
    ring.issue({ name: 'new', role }, by),
    ring.rotate(record.id, by),
    ring.revoke(record.id, by),
  ])

  const expected = allowed ? 'fulfilled' : 'rejected'
  expect(outcomes.map(({ status }) => status)).toEqual([expected, expected, expected])
})

test('the last owner key that works cannot be revoked, and one that expired is no other', async () => {
  const { ring, wait } = ringInMemory()
  const last = await ring.issue({ name: 'last', role: 'owner' }, 'owner')
  await ring.issue({ name: 'expiring', role: 'owner', expiresAtMs: 1_000_010 }, 'owner')
  wait(10)

  const revoking = ring.revoke(last.record.id, 'owner')

  await expect(revoking).rejects.toMatchObject({ code: 'last_owner_key' })
})

test('who watches a key hears of its rotation and revocation once they are kept', async () => {
  const { ring, saved } = ringInMemory()
  const { record } = await ring.issue({ name: 'first', role: 'member' }, 'owner')
  const heard: unknown[] = []
  const stop = ring.onChange((id) => heard.push([id, saved.get(id)?.revokedAtMs]))

  await ring.rotate(record.id, 'owner')
  await ring.revoke(record.id, 'owner')
  stop()

  expect(heard).toEqual([
    [record.id, null],
    [record.id, 1_000_000],
  ])
})

test.each([
  [null, 'anything', true],
  [['village'], 'village', true],
  [['village'], 'village/king', false],
  [['vendor/*'], 'vendor/a', true],
  [['vendor/*'], 'vendors/a', false],
  [[], 'village', false],
])('a key that is allowed %j uses %s: %s', (allowedModels, model, expected) => {
  const key = { allowedModels } as Parameters<typeof mayUseModel>[0]

  expect(mayUseModel(key, model)).toBe(expected)
})
