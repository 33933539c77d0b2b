import { beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../kernel/manual-clock.ts'
import type { ManualClock } from '../../kernel/manual-clock.ts'
import type { JsonValue } from '../../kernel/json.ts'
import { nanoUsdFromUsd } from '../../kernel/money.ts'
import { PopularRequests } from '../../serving/popular-requests.ts'
import { AnswerWarmer } from './answer-warmer.ts'
import type { AnswerWarmerParts, WarmRequest } from './answer-warmer.ts'
import type { OwnAnswer } from './ask-for-itself.ts'
import { ask } from './sharing-fixtures.ts'
import type { AnsweredTask } from '../village-service.ts'

const { signal } = new AbortController()
const timeToLiveMs = 300_000
const hourMs = 3_600_000

let clock: ManualClock
let popular: PopularRequests<WarmRequest>
let saved: Map<string, JsonValue>
let expires: Map<string, number>
let refreshed: string[]
let isIdle: boolean
let answer: (key: string) => OwnAnswer

beforeEach(() => {
  clock = createManualClock()
  popular = new PopularRequests({ halfLifeMs: timeToLiveMs, maxEntries: 9 })
  saved = new Map()
  expires = new Map()
  refreshed = []
  isIdle = true
  answer = keep
})

/** Answers at a cost of a cent, and keeps the answer for its whole time. */
function keep(key: string): OwnAnswer {
  expires.set(key, clock.now() + timeToLiveMs)
  return { decision: { cost: nanoUsdFromUsd(0.01) } } as AnsweredTask
}

function openWarmer(settings: Partial<AnswerWarmerParts['settings']> = {}): AnswerWarmer {
  return new AnswerWarmer({
    popular,
    expiresAt: (key) => expires.get(key) ?? null,
    refresh: async ({ input }) => {
      refreshed.push(input.requestedModel)
      return answer(input.requestedModel)
    },
    isIdle: () => isIdle,
    states: {
      load: async (key) => saved.get(key) ?? null,
      save: async (key, value) => void saved.set(key, value),
    },
    clock,
    settings: {
      leastRequests: 3,
      maxRequestsPerHour: 60,
      maxUsdPerDay: 0.5,
      timeToLiveSeconds: timeToLiveMs / 1000,
      ...settings,
    },
    onError: (error) => {
      throw error
    },
  })
}

/** The model's name stands for the whole request. */
function asked(key: string, times: number): void {
  const sharing = { tenant: 'key_1', read: true, keep: true, join: true, asked: true }
  for (let time = 0; time < times; time += 1) {
    popular.note(key, { input: ask({ requestedModel: key }), sharing }, clock.now())
  }
}

test('asks again what is asked often and has no answer, the most frequent first', async () => {
  const warmer = openWarmer()
  asked('often', 3)
  asked('always', 6)
  asked('seldom', 2)

  const outcomes = [
    await warmer.warmOne(signal),
    await warmer.warmOne(signal),
    await warmer.warmOne(signal),
  ]

  expect(outcomes).toEqual(['warmed', 'warmed', 'nothing-due'])
  expect(refreshed).toEqual(['always', 'often'])
})

test('an answer is renewed in the last tenth of its time, not before', async () => {
  const warmer = openWarmer()
  asked('often', 9)
  expires.set('often', clock.now() + timeToLiveMs)

  await clock.advance(timeToLiveMs * 0.8)
  const early = await warmer.warmOne(signal)
  await clock.advance(timeToLiveMs * 0.1)
  const late = await warmer.warmOne(signal)

  expect([early, late]).toEqual(['nothing-due', 'warmed'])
})

test('while somebody waits for an answer, nothing is warmed', async () => {
  const warmer = openWarmer()
  asked('often', 3)
  isIdle = false

  expect(await warmer.warmOne(signal)).toBe('busy')
  expect(refreshed).toEqual([])
})

test('asks no more than the requests of an hour, which a restart does not give anew', async () => {
  const settings = { maxRequestsPerHour: 2 }
  for (const key of ['a', 'b', 'c']) asked(key, 99)
  const before = openWarmer(settings)
  await before.warmOne(signal)

  const warmer = openWarmer(settings)
  const outcomes = [await warmer.warmOne(signal), await warmer.warmOne(signal)]
  await clock.advance(hourMs)
  for (const key of ['a', 'b', 'c']) asked(key, 99)
  expires.clear()
  outcomes.push(await warmer.warmOne(signal))

  expect(outcomes).toEqual(['warmed', 'used-up', 'warmed'])
})

test('spends no more than the money of a day, and does not begin what would be too much', async () => {
  const warmer = openWarmer({ maxUsdPerDay: 0.025 })
  asked('often', 9999)
  const outcomes: string[] = []

  for (let time = 0; time < 4; time += 1) {
    expires.clear()
    outcomes.push(await warmer.warmOne(signal))
  }
  await clock.advance(24 * hourMs)
  asked('often', 9)
  expires.clear()
  outcomes.push(await warmer.warmOne(signal))

  expect(outcomes).toEqual(['warmed', 'warmed', 'used-up', 'used-up', 'warmed'])
})

test.each([
  ['that fails', () => 'failed' as const],
  ['that is not kept', () => ({ decision: { cost: 0 } }) as AnsweredTask],
])('a request %s is not asked again and again', async (_, outcome) => {
  const warmer = openWarmer()
  asked('often', 9)
  answer = outcome

  expect(await warmer.warmOne(signal)).toBe('failed')
  expect(await warmer.warmOne(signal)).toBe('nothing-due')
  expect(refreshed).toHaveLength(1)
})

test('runs from time to time until it is stopped', async () => {
  const warmer = openWarmer()
  const stopping = new AbortController()
  const running = warmer.run(stopping.signal)
  await clock.advance(5_000)
  asked('often', 9)

  await clock.advance(1_000)
  stopping.abort()
  await running

  expect(refreshed).toEqual(['often'])
})
