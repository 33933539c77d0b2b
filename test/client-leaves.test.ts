import { expect, test } from 'vitest'
import type { ApiKey } from '../src/kernel/api-key.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { Spending } from '../src/village/access/spending.ts'
import { ask, dollars, requestOf, serveWithKeys } from './keyed-village.ts'
import { storeOfAllTests } from './test-stores.ts'

const store = storeOfAllTests()

const serve = (options: Parameters<typeof serveWithKeys>[1] = {}) =>
  serveWithKeys(store.current, options)

/** A model that is at work until its call is aborted. */
function endlessModel() {
  const begun = Promise.withResolvers<void>()
  const pause = (signal: AbortSignal): Promise<void> => {
    begun.resolve()
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }
  return { pause, begun: begun.promise }
}

test('a client that leaves a stream pays for what had come', async () => {
  const { pause, begun } = endlessModel()
  const { issue, post, village, spending } = await serve({ pause })
  const { key, record } = await issue()
  const controller = new AbortController()
  const response = await post(key, ask({ stream: true }), { signal: controller.signal })
  await response.body?.getReader().read()
  await begun

  controller.abort()
  await village.drain()

  const [left] = await store.current.ledger.list('interaction', { newestFirst: true, limit: 1 })
  expect(left).toMatchObject({
    keyId: record.id,
    answer: 'one ',
    error: 'The client left before the answer was whole.',
  })
  expect(left?.usage.cost).toBeGreaterThan(0)
  await expectSpent(spending, record, left?.usage.cost ?? 0)
})

test('a client that leaves a whole answer pays the most that it may cost', async () => {
  const { pause, begun } = endlessModel()
  const { issue, post, village, spending } = await serve({ pause })
  const { key, record } = await issue({ budgets: dollars(1) })
  const controller = new AbortController()
  const response = post(key, ask({ max_tokens: 1000 }), { signal: controller.signal })
  await begun

  controller.abort()
  await expect(response).rejects.toThrow('aborted')
  await village.drain()

  const [left] = await store.current.ledger.list('interaction', { newestFirst: true, limit: 1 })
  expect(left?.usage.cost).toBeGreaterThanOrEqual(1000 * 1000)
  await expectSpent(spending, record, left?.usage.cost ?? 0)
})

test('a client that leaves while it waits for money pays nothing', async () => {
  const { pause, begun } = endlessModel()
  const { issue, village, spending } = await serve({ pause })
  const { record } = await issue({ budgets: dollars(0.015) })
  const input = {
    request: requestOf('Hello', 2000),
    requestedModel: 'vendor/king',
    streamed: false,
  }
  const first = new AbortController()
  const second = new AbortController()
  const underWay = village.answer(input, { signal: first.signal, caller: record })
  await begun
  const waiting = village.answer(input, { signal: second.signal, caller: record })
  await new Promise((resolve) => setImmediate(resolve))

  second.abort(new Error('the client left'))

  await expect(waiting).rejects.toThrow('the client left')
  expect(spending.ofKey(record).spent.total).toBe(0)
  first.abort(new Error('this one too'))
  await expect(underWay).rejects.toThrow('this one too')
})

/** In memory as on the disk. */
async function expectSpent(spending: Spending, key: ApiKey, cost: number): Promise<void> {
  expect(spending.ofKey(key).spent.total).toBe(cost)
  const restarted = new Spending({ clock: systemClock })
  await restarted.restore(store.current.spend)
  expect(restarted.ofKey(key).spent.total).toBe(cost)
}
