import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createManualClock } from '../src/kernel/manual-clock.ts'
import type { ManualClock } from '../src/kernel/manual-clock.ts'
import { nanoUsdFromUsd } from '../src/kernel/money.ts'
import { temporaryFolder } from './scripted-village.ts'
import { serveTestVillage } from './serving-village.ts'
import type { ServedTestVillage } from './serving-village.ts'

let folder: ReturnType<typeof temporaryFolder>
let village: ServedTestVillage
let clock: ManualClock
let calls = 0

beforeEach(() => {
  calls = 0
  clock = createManualClock()
  folder = temporaryFolder()
})

afterEach(async () => {
  await village.close()
  folder.remove()
})

async function serve(warming: object = { enabled: true }): Promise<void> {
  const frontier = (): string => `answer number ${(calls += 1)}`
  village = await serveTestVillage({
    folder: folder.path,
    frontier,
    seed: 1,
    settings: { cache: { warming } },
    cost: nanoUsdFromUsd(0.01),
    clock,
  })
}

type Answer = { readonly text: string; readonly cache: string }

async function ask(model = 'local/king', more: object = {}): Promise<Answer> {
  const response = await fetch(`${village.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${village.firstKey}`,
      'content-type': 'application/json',
      'x-openrouter-cache': 'true',
    },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 0,
      ...more,
    }),
  })
  const body = (await response.json()) as {
    choices: { message: { content: string } }[]
    village: { cache: string }
  }
  return { text: body.choices[0]?.message.content ?? '', cache: body.village.cache }
}

async function askOften(model?: string): Promise<void> {
  for (let time = 0; time < 8; time += 1) await ask(model)
}

/** The village's own loop looks once a second. */
async function warmed(answers: number): Promise<void> {
  await vi.waitFor(() => expect(village.accounting.totals.warmedAnswers).toBe(answers))
}

test('what new weights replaced is asked again while nobody waits, and is there for the next', async () => {
  await serve()
  await askOften()

  village.cache.invalidate({ localAgent: 'king' })
  await clock.advance(1_000)
  const tooSoon = village.accounting.totals.warmedAnswers
  await clock.advance(3_000)
  await warmed(1)
  const next = await ask()

  expect(tooSoon).toBe(0)
  expect(next).toEqual({ text: 'answer number 2', cache: 'hit' })
})

test('an answer that is about to expire is renewed, at the village’s cost and counted apart', async () => {
  await serve()
  await askOften('vendor/king')
  const { tasks } = village.accounting.totals

  await clock.advance(272_000)
  await warmed(1)
  await clock.advance(60_000)
  const next = await ask('vendor/king')

  expect(next).toEqual({ text: 'answer number 2', cache: 'hit' })
  expect(village.accounting.totals.tasks).toBe(tasks + 1)
  const made = await village.store.ledger.list('interaction')
  expect(made.map(({ purpose, keyId }) => [purpose, keyId === undefined])).toEqual([
    ['serve', false],
    ['warming', true],
  ])
})

test('what its key has forgotten is not asked again', async () => {
  await serve()
  await askOften()

  await fetch(`${village.url}/village/cache/forget`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${village.firstKey}`,
      'content-type': 'application/json',
    },
    body: '{}',
  })
  const looked = clock.sleptMs.length
  await clock.advance(10_000)

  expect(clock.sleptMs.length).toBeGreaterThan(looked + 5)
  expect(calls).toBe(1)
})

test('nothing is warmed unless the operator switched it on', async () => {
  await serve({})
  await askOften()

  await clock.advance(290_000)

  expect(village.sharing.warmer).toBeDefined()
  expect(calls).toBe(1)
})
