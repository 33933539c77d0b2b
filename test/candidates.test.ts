import { expect, test } from 'vitest'
import { verifyLedger } from '../src/app/verify-certificates.ts'
import type { Decision } from '../src/kernel/decision.ts'
import { ModelCallError } from '../src/kernel/errors.ts'
import { VillageSettings } from '../src/village/settings.ts'
import { createTestVillage } from './scripted-village.ts'
import { storeOfEachTest } from './test-stores.ts'

const store = storeOfEachTest()

const signal = new AbortController().signal

/** A village whose local model knows nothing, and whose cheaper frontier model knows it all. */
function villageWithCandidate(cheaper: () => string) {
  const made = createTestVillage({
    store: store.current,
    certified: { alpha: 0.2, delta: 0.2, cheaper },
    local: () => 'no idea',
    frontier: () => 'billing',
  })
  const send = async (count: number): Promise<readonly Decision[]> => {
    const decisions: Decision[] = []
    for (let at = 0; at < count; at += 1) {
      const name = ['Ada', 'Ben', 'Cleo'][at % 3]
      const content = `Sort the message of ${name} number ${at} into a queue`
      const { decision } = await made.village.answer(
        {
          request: { messages: [{ role: 'user', content }], sampling: {} },
          requestedModel: 'village/king',
          streamed: false,
        },
        { signal },
      )
      await made.village.whenIdle()
      decisions.push(decision)
    }
    return decisions
  }
  return { ...made, send }
}

const cheaperShare = (decisions: readonly Decision[]): number =>
  decisions.filter(({ candidate }) => candidate === 'vendor/cheap').length / decisions.length

test('a cheaper frontier model serves once that is certified, stops when it gets worse, and leaves proof', async () => {
  let says = 'billing'
  const { errors, send } = villageWithCandidate(() => says)

  const before = await send(100)
  await send(900)
  const served = await send(60)
  says = 'refunds'
  await send(400)
  const after = await send(60)

  expect(errors).toEqual([])
  expect(cheaperShare(before)).toBe(0)
  expect(cheaperShare(served)).toBeGreaterThan(0.5)
  expect(cheaperShare(after)).toBe(0)
  const decision = served.find(({ candidate }) => candidate !== undefined)
  expect(decision).toMatchObject({ route: 'frontier', policy: 'certified', cost: 100 })
  expect(decision?.alwaysFrontierCost).toBe(1000)
  expect(decision?.certificate).toMatchObject({ alpha: 0.2 })
  expect(decision?.explanation?.sentence).toMatch(/^vendor\/cheap: .*the frontier would have cost/)
  const checks = await verifyLedger(store.current.ledger)
  expect(checks.flatMap(({ problems }) => problems)).toEqual([])
  expect(
    checks.some(
      ({ terms, threshold }) => terms.checkpoint === 'vendor/cheap' && threshold !== null,
    ),
  ).toBe(true)
})

test('the agent’s own frontier model stands in when the cheaper one fails, which counts as no label', async () => {
  let fails = false
  const { errors, send } = villageWithCandidate(() => {
    if (fails) throw new ModelCallError('the provider is down', { model: 'vendor/cheap' })
    return 'billing'
  })
  await send(1000)
  fails = true

  const decisions = await send(40)

  expect(errors).toEqual([])
  expect(cheaperShare(decisions)).toBe(0)
  expect(decisions.every(({ model }) => model === 'vendor/king')).toBe(true)
  expect(decisions.some(({ reason }) => reason.includes('vendor/cheap failed'))).toBe(true)
})

test('an audit of a candidate that fails only ever delays its certificate', async () => {
  let isDown = false
  const made = createTestVillage({
    store: store.current,
    certified: { alpha: 0.2, delta: 0.2, cheaper: () => 'billing' },
    local: () => 'no idea',
    frontier: () => {
      if (isDown) throw new ModelCallError('connection refused', { model: 'vendor/king' })
      return 'billing'
    },
  })
  const send = async (at: number) => {
    const content = `Sort the message number ${at} into a queue`
    const { decision } = await made.village.answer(
      {
        request: { messages: [{ role: 'user', content }], sampling: {} },
        requestedModel: 'village/king',
        streamed: false,
      },
      { signal },
    )
    await made.village.whenIdle()
    return decision
  }
  for (let at = 0; at < 1000; at += 1) await send(at)
  isDown = true
  const answers = await Promise.allSettled(Array.from({ length: 60 }, (_, at) => send(at)))
  isDown = false

  const changes = await store.current.ledger.list('threshold-change')
  const failed = changes.filter(({ certificate }) => certificate?.type === 'failed-audit')
  const checks = await verifyLedger(store.current.ledger)

  expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true)
  expect(failed.length).toBeGreaterThan(0)
  expect(checks.flatMap(({ problems }) => problems)).toEqual([])
})

test.each([
  [{ agents: { king: { candidates: ['a/b'] } } }, 'certified'],
  [
    {
      routing: { policy: 'certified' },
      agents: { king: { frontierModel: 'a/b', candidates: ['a/b'] } },
    },
    'frontier model itself',
  ],
])('refuses the settings %j and says why', (settings, words) => {
  const parsed = VillageSettings.safeParse(settings)

  expect(parsed.success).toBe(false)
  expect(JSON.stringify(parsed.error?.issues)).toContain(words)
})
