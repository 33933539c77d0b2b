import { expect, test } from 'vitest'
import { noBudgets } from '../src/kernel/api-key.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { nanoUsdFromUsd } from '../src/kernel/money.ts'
import { Spending } from '../src/village/access/spending.ts'
import { ask, centCost, dollars, requestOf, serveWithKeys } from './keyed-village.ts'
import { heldOutLabels } from './scripted-village.ts'
import { storeOfAllTests } from './test-stores.ts'

const store = storeOfAllTests()

const serve = (options: Parameters<typeof serveWithKeys>[1] = {}) =>
  serveWithKeys(store.current, options)

test.each([
  ['a model by its slug', {}],
  ['a stream of a model by its slug', { stream: true }],
  ['an agent', { model: 'village/king' }],
  ['a stream of an agent', { model: 'village/king', stream: true }],
])('a budget that is used up refuses %s with 402', async (_what, more) => {
  const { issue, post, usage } = await serve()
  const { key } = await issue({ budgets: dollars(0.0125) })
  const first = await post(key, ask(more))
  await first.text()

  const second = await post(key, ask(more))

  expect([first.status, second.status]).toEqual([200, 402])
  expect(await second.json()).toMatchObject({
    error: {
      type: 'insufficient_quota',
      code: 'budget_exceeded',
      message: expect.stringContaining('lower max_tokens') as string,
    },
  })
  expect(await usage(key)).toMatchObject({ usage: 0.01, limit_remaining: 0.0025 })
})

test('a thousand requests at once on a dollar spend it until none more fits, and no more', async () => {
  const { issue, village, spending } = await serve()
  const { record } = await issue({ budgets: dollars(1) })
  const { signal } = new AbortController()

  const outcomes = await Promise.allSettled(
    Array.from({ length: 1000 }, (_, index) =>
      village.answer(
        {
          request: requestOf(`Hello ${index}`, 2_000),
          requestedModel: 'vendor/king',
          streamed: false,
        },
        { signal, caller: record },
      ),
    ),
  )

  const served = outcomes.filter(({ status }) => status === 'fulfilled').length
  // The hundredth may cost two hundredths of a cent more than the cent that it finds.
  expect(served).toBe(99)
  expect(spending.ofKey(record).spent.total).toBe(nanoUsdFromUsd(0.99))
})

test('what was spent is known after a restart, for the key and for the village', async () => {
  const { issue, post, spending } = await serve()
  const { key, record } = await issue()
  await (await post(key, ask())).text()
  await (await post(key, ask({ stream: true }))).text()

  const restarted = new Spending({ clock: systemClock })
  await restarted.restore(store.current.spend)

  expect(restarted.ofKey(record).spent).toEqual(spending.ofKey(record).spent)
  expect(restarted.ofKey(record).spent.day).toBe(nanoUsdFromUsd(0.02))
})

test('a budget goes on after a restart where it was', async () => {
  const budgets = dollars(0.025)
  const before = await serve()
  const { key } = await before.issue({ budgets })
  await (await before.post(key, ask())).text()
  await (await before.post(key, ask())).text()
  const spending = new Spending({ clock: systemClock })
  await spending.restore(store.current.spend)

  const after = await serve({ spending })
  const refused = await after.post(key, ask({ max_tokens: 5000 }))

  expect(refused.status).toBe(402)
})

test("audits and the teacher are paid by the village, not by the key's budget", async () => {
  const { issue, village, spending } = await serve()
  const { record } = await issue()
  const { signal } = new AbortController()
  const before = (await store.current.spend.sums({ day: 0, week: 0, month: 0 })).find(
    ({ keyId }) => keyId === null,
  )

  for (let index = 0; index < 12; index += 1) {
    const request = requestOf(`Study passage ${index}: where?`)
    await village.answer(
      { request, requestedModel: 'village/sage', streamed: false },
      { signal, caller: record },
    )
    await village.whenIdle()
  }

  const after = (await store.current.spend.sums({ day: 0, week: 0, month: 0 })).find(
    ({ keyId }) => keyId === null,
  )
  expect(spending.ofKey(record).spent.total).toBe(12 * centCost)
  expect((after?.total ?? 0) - (before?.total ?? 0)).toBeGreaterThan(0)
})

test('the budget of the village holds for every key, and for the calls it makes by itself', async () => {
  const money = { budgets: { ...noBudgets, day: nanoUsdFromUsd(0.035) } }
  const made = await serve({ money })
  const { record: first } = await made.issue()
  const { record: second } = await made.issue()
  const { signal } = new AbortController()
  const outcomes: string[] = []

  for (let index = 0; index < 10; index += 1) {
    const request = requestOf(`Study passage ${index}: where?`, 3_000)
    const caller = index % 2 === 0 ? first : second
    const input = { request, requestedModel: 'village/sage', streamed: false }
    const answering = made.village.answer(input, { signal, caller })
    outcomes.push(await answering.then(() => 'answered').catch((error: Error) => error.message))
    await made.village.whenIdle()
  }

  const spent = made.accounting.totals.costNanoUsd
  expect(spent).toBeLessThanOrEqual(money.budgets.day)
  expect(spent).toBeGreaterThan(money.budgets.day - 2 * centCost)
  expect(outcomes.at(-1)).toContain('The daily budget of the village')
  expect(made.errors).toEqual([])
})

test('a key without money is still served by a model that costs nothing', async () => {
  const made = await serve({ frontier: () => 'billing', local: () => 'billing' })
  const { record } = await made.issue({ budgets: dollars(0.000001) })
  const { signal } = new AbortController()
  const ticket = (index: number) => `Sort this support message number ${index} into a queue`
  const input = (content: string) => ({
    request: requestOf(content),
    requestedModel: 'village/king',
    streamed: false,
  })
  const { decision: first } = await made.village.answer(input(ticket(0)), { signal })
  await made.village.whenIdle()
  made.router.restart('king', heldOutLabels(ticket, first.kind, true))

  const { decision } = await made.village.answer(input(ticket(1)), { signal, caller: record })

  expect(decision).toMatchObject({ route: 'local', cost: 0 })
})

test.each([
  ['by its name', { model: 'vendor/sage' }],
  ['as a fallback of the provider', { models: ['vendor/king', 'vendor/sage'] }],
  ['through an agent', { model: 'village/king' }],
  ['in a stream', { model: 'vendor/sage', stream: true }],
])('a key is refused a model that it may not use, %s', async (_how, more) => {
  const { issue, post } = await serve()
  const { key } = await issue({ allowedModels: ['vendor/king'] })

  const allowed = await post(key, ask())
  const refused = await post(key, ask(more))

  expect([allowed.status, refused.status]).toEqual([200, 403])
  expect(await refused.json()).toMatchObject({ error: { code: 'model_not_allowed' } })
})

test.each([
  "vk-' or '1'='1",
  "vk-';drop/**/table/**/api_keys;--",
  `vk-"or/**/1=1--`,
  "x'/**/union/**/select/**/*/**/from/**/api_keys--",
  '%',
  '\\',
])('the bearer token %s is only a wrong key', async (token) => {
  const { url, issue, post } = await serve()
  const { key } = await issue()

  const byBearer = await post(token.replaceAll(' ', '/**/'), ask())
  const byHeader = await fetch(`${url}/v1/key`, { headers: { 'x-api-key': token } })
  const right = await post(key, ask())

  expect([byBearer.status, byHeader.status, right.status]).toEqual([401, 401, 200])
})
