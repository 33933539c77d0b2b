import { expect, test } from 'vitest'
import type { NanoUsd } from '../kernel/money.ts'
import type { VillageStore } from '../kernel/stores.ts'
import { anApiKey } from '../kernel/sample-api-key.ts'
import { anInteraction } from './sample-records.ts'

/** The part of the store's contract that is about keys and what they spend. */
export function testKeysAndSpend(store: () => VillageStore): void {
  test('finds an API key by its hash alone', async () => {
    const key = anApiKey({ id: 'key_1', hash: 'ab12' })

    await store().keys.save(key)

    expect(await store().keys.findByHash('ab12')).toEqual(key)
    expect(await store().keys.findByHash("' or '1'='1")).toBeNull()
    expect(await store().keys.list()).toEqual([key])
  })

  test('a saved API key replaces the one of the same id, with all that restricts it', async () => {
    const key = anApiKey({ id: 'key_1', hash: 'ab12' })
    const changed = anApiKey({
      id: 'key_1',
      hash: 'cd34',
      role: 'viewer',
      expiresAtMs: 99,
      revokedAtMs: 50,
      allowedModels: ['village', 'vendor/*'],
      limits: { requestsPerMinute: 3, tokensPerMinute: null, concurrentRequests: 1 },
      budgets: { day: 1 as NanoUsd, month: null, total: 9_000_000_000 as NanoUsd },
    })

    await store().keys.save(key)
    await store().keys.save(changed)

    expect(await store().keys.get('key_1')).toEqual(changed)
    expect(await store().keys.findByHash('ab12')).toBeNull()
    expect(await store().keys.list()).toEqual([changed])
  })

  test('sums what each key spent, from the day, week and month on', async () => {
    const day = 20_000
    const spend = (index: number, onDay: number, costNanoUsd: number, keyId?: string) => ({
      id: `int_${index}`,
      startedAtMs: onDay * 86_400_000 + index,
      costNanoUsd,
      ...(keyId !== undefined && { keyId }),
    })
    await commitInteractions(store(), [
      spend(1, day, 1, 'key_1'),
      spend(2, day, 2, 'key_1'),
      spend(3, day - 2, 40, 'key_1'),
      spend(4, day - 9, 500, 'key_1'),
      spend(5, day - 90, 6_000, 'key_1'),
      spend(6, day, 7),
      spend(7, day, 0, 'key_2'),
    ])

    const sums = await store().spend.sums({ day, week: day - 3, month: day - 20 })

    expect(sums).toEqual([
      { keyId: null, day: 7, week: 7, month: 7, total: 7 },
      { keyId: 'key_1', day: 3, week: 43, month: 543, total: 6_543 },
    ])
  })

  test('spends nothing for a commit that was refused', async () => {
    const record = anInteraction({ id: 'int_a', keyId: 'key_1', costNanoUsd: 5 })
    await store().ledger.commit([{ type: 'interaction', record }])

    const again = store().ledger.commit([{ type: 'interaction', record }])

    await expect(again).rejects.toMatchObject({ name: 'StoreError' })
    const sums = await store().spend.sums({ day: 0, week: 0, month: 0 })
    expect(sums).toMatchObject([{ keyId: 'key_1', total: 5 }])
  })
}

export async function commitInteractions(
  store: VillageStore,
  changes: readonly Parameters<typeof anInteraction>[0][],
): Promise<void> {
  await store.ledger.commit(
    changes.map((change) => ({ type: 'interaction', record: anInteraction(change) })),
  )
}
