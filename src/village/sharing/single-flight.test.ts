import { beforeEach, expect, test } from 'vitest'
import {
  allOf,
  answered,
  ask,
  isHit,
  openSharing,
  resetState,
  signal,
  state,
} from './sharing-fixtures.ts'
import type { AnswerEvent } from '../village-service.ts'

beforeEach(resetState)

test('two tenants with equal requests under way at once are never joined', async () => {
  const { village } = openSharing()

  const both = await Promise.all([
    village.answer(ask(), { signal }),
    village.answer(ask({ tenant: 'key_2' }), { signal }),
  ])

  expect(state.calls).toHaveLength(2)
  expect(both.map(isHit)).toEqual([false, false])
})

test('equal requests under way, streamed or not, are one call of the model', async () => {
  const { village } = openSharing()
  const gate = Promise.withResolvers<void>()
  state.script = async function* () {
    yield { type: 'text', text: 'one ' }
    await gate.promise
    yield { type: 'text', text: 'two' }
    yield answered('one two')
  }
  const early = village.stream(ask({ streamed: true }), { signal })
  const first = await early.next()

  const late = allOf(village.stream(ask({ streamed: true }), { signal }))
  const whole = village.answer(ask(), { signal })
  gate.resolve()

  const rest = await allOf(early)
  expect([first.value, ...rest].map((event) => (event as AnswerEvent).type)).toEqual([
    'text',
    'text',
    'answered',
  ])
  expect(await late).toMatchObject([
    { text: 'one ' },
    { text: 'two' },
    { answered: { answer: { usage: { cost: 0 } }, decision: { reused: { from: 'flight' } } } },
  ])
  expect(await whole).toMatchObject({
    answer: { text: 'one two' },
    decision: { reused: { from: 'flight' } },
  })
  expect(state.calls).toHaveLength(1)
  expect(state.committed).toHaveLength(2)
})

test('equal requests at a default temperature may want different answers and are not joined', async () => {
  const { village } = openSharing()
  const { cache: _, ...sampled } = ask({}, { sampling: {} })

  await Promise.all([village.answer(sampled, { signal }), village.answer(sampled, { signal })])

  expect(state.calls).toHaveLength(2)
})

test('single flight can be switched off', async () => {
  const { village } = openSharing({ singleFlight: false })

  await Promise.all([village.answer(ask(), { signal }), village.answer(ask(), { signal })])

  expect(state.calls).toHaveLength(2)
})
