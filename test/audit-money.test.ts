import { expect, test } from 'vitest'
import { verifyLedger } from '../src/app/verify-certificates.ts'
import { noBudgets } from '../src/kernel/api-key.ts'
import { nanoUsdFromUsd } from '../src/kernel/money.ts'
import type { PicoUsdPerToken } from '../src/kernel/money.ts'
import { createVirtualClock } from '../src/simulation/virtual-clock.ts'
import { Spending } from '../src/village/access/spending.ts'
import { createTestVillage } from './scripted-village.ts'
import { storeOfAllTests } from './test-stores.ts'

const store = storeOfAllTests()

const signal = new AbortController().signal
const dayMs = 86_400_000
const price = { prompt: 1_000_000 as PicoUsdPerToken, completion: 1_000_000 as PicoUsdPerToken }

test('an audit refused for lack of money counts as a loss, and then no task counts until there is money', async () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 0, 1) })
  const day = nanoUsdFromUsd(100)
  const spending = new Spending({ clock, budgets: { ...noBudgets, day } })
  const { village, router, errors } = createTestVillage({
    store: store.current,
    clock,
    spending,
    price,
    certified: { alpha: 0.2, delta: 0.2 },
    local: () => 'billing',
    frontier: () => 'billing',
  })
  let sent = 0
  /** Returns how many of so many tasks stayed local. */
  const send = async (count: number): Promise<number> => {
    let local = 0
    for (let at = 0; at < count; at += 1) {
      const content = `Sort the message number ${(sent += 1)} into a queue`
      const { decision } = await village.answer(
        {
          request: { messages: [{ role: 'user', content }], sampling: {} },
          requestedModel: 'village/king',
          streamed: false,
        },
        { signal },
      )
      await village.whenIdle()
      local += decision.route === 'local' ? 1 : 0
    }
    return local
  }
  const counted = async () => {
    const comparisons = await store.current.ledger.list('comparison')
    const changes = await store.current.ledger.list('threshold-change')
    return {
      labels: comparisons.filter(({ certificates }) => certificates !== undefined).length,
      failed: changes.filter(({ certificate }) => certificate?.type === 'failed-audit').length,
      threshold: router.inForce('king').threshold,
    }
  }
  await send(300)
  const before = await counted()

  spending.charge(null, day, clock.now())
  const localWithoutMoney = await send(60)
  const without = await counted()
  clock.advance(dayMs)
  await send(60)
  const after = await counted()

  expect(errors).toEqual([])
  expect(before).toMatchObject({ failed: 0 })
  expect(before.threshold).toBeGreaterThan(0)
  // What is certified goes on serving: of the audits only the first one that was refused counts.
  expect(localWithoutMoney).toBe(60)
  expect(without).toEqual({ ...before, failed: 1 })
  expect(after.failed).toBe(1)
  expect(after.labels).toBeGreaterThan(before.labels)
  const checks = await verifyLedger(store.current.ledger)
  expect(checks.flatMap(({ problems }) => problems)).toEqual([])
})
