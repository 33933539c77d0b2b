import { expect, test } from 'vitest'
import { verifyLedger } from '../src/app/verify-certificates.ts'
import type { Decision } from '../src/kernel/decision.ts'
import { ModelCallError } from '../src/kernel/errors.ts'
import { createTestVillage } from './scripted-village.ts'
import { storeOfAllTests } from './test-stores.ts'

const store = storeOfAllTests()

const signal = new AbortController().signal

test('earns a certificate, serves by it, stops when the local model gets worse, and leaves proof', async () => {
  let localAnswer = 'billing'
  let isFrontierUp = true
  let isLocalUp = true
  const { village, router, errors } = createTestVillage({
    store: store.current,
    certified: { alpha: 0.2, delta: 0.2 },
    local: () => {
      if (!isLocalUp) throw new ModelCallError('the local model died', { model: 'local' })
      return localAnswer
    },
    frontier: () => {
      if (!isFrontierUp) throw new ModelCallError('connection refused', { model: 'vendor/king' })
      return 'billing'
    },
  })
  const send = async (count: number): Promise<readonly Decision[]> => {
    const decisions: Decision[] = []
    for (let at = 0; at < count; at += 1) {
      const content = `Sort the message of ${['Ada', 'Ben', 'Cleo'][at % 3]} number ${at} into a queue`
      const { decision } = await village.answer(
        {
          request: { messages: [{ role: 'user', content }], sampling: {} },
          requestedModel: 'village/king',
          streamed: false,
        },
        { signal },
      )
      await village.whenIdle()
      decisions.push(decision)
    }
    return decisions
  }
  const localOf = (decisions: readonly Decision[]): number =>
    decisions.filter(({ route }) => route === 'local').length

  const before = await send(100)
  const during = await send(120)
  const served = await send(20)
  isFrontierUp = false
  await send(10)
  isFrontierUp = true
  isLocalUp = false
  await send(10)
  isLocalUp = true
  localAnswer = 'refunds'
  await send(200)
  const after = await send(20)

  expect(errors).toEqual([])
  expect(localOf(before)).toBe(0)
  expect(localOf(during)).toBeGreaterThan(0)
  expect(localOf(served)).toBeGreaterThan(10)
  expect(localOf(after)).toBe(0)
  const local = served.find(({ route }) => route === 'local')
  expect(local?.policy).toBe('certified')
  expect(local?.auditProbability).toBeGreaterThan(0)
  expect(local?.explanation?.sentence).toMatch(
    /^Local: .*at most 20\.0 % lost.*most weighed .*cost about \$/u,
  )
  expect(local?.certificate).toMatchObject({ alpha: 0.2, delta: 0.2 })
  expect(router.policy('king')).toBe('earning a certificate')
  const checks = await verifyLedger(store.current.ledger)
  expect(checks.some(({ threshold }) => threshold !== null)).toBe(true)
  expect(checks.flatMap(({ problems }) => problems)).toEqual([])
  const changes = await store.current.ledger.list('threshold-change')
  expect(changes.map(({ certificate }) => certificate?.type)).toContain('drift')
})
