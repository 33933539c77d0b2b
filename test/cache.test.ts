import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DecisionTrail } from '../src/http/contract.ts'
import { temporaryFolder } from './scripted-village.ts'
import { serveTestVillage } from './serving-village.ts'
import type { ServedTestVillage } from './serving-village.ts'

let folder: ReturnType<typeof temporaryFolder>
let village: ServedTestVillage
let calls = 0

beforeEach(async () => {
  calls = 0
  folder = temporaryFolder()
  village = await serve(1)
})

afterEach(async () => {
  await village.close()
  folder.remove()
})

function serve(seed: number): Promise<ServedTestVillage> {
  const frontier = (): string => `answer number ${(calls += 1)}`
  return serveTestVillage({ folder: folder.path, frontier, seed })
}

const hello = {
  model: 'vendor/king',
  messages: [{ role: 'user', content: 'Hello' }],
  temperature: 0,
}

type Answer = {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
  readonly usage: { readonly cost: number; readonly prompt_tokens: number }
  readonly village: { readonly cache: string; readonly decision_id: string; saved_usd: number }
}

function post(
  body: object,
  headers: Readonly<Record<string, string>> = {},
  { key = village.firstKey, path = '/v1/chat/completions' } = {},
): Promise<Response> {
  return fetch(`${village.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

const asking = { 'x-openrouter-cache': 'true' }

async function answerTo(...request: Parameters<typeof post>): Promise<Answer> {
  return (await (await post(...request)).json()) as Answer
}

async function cacheOf(...request: Parameters<typeof post>): Promise<string> {
  return (await answerTo(...request)).village.cache
}

test('an equal request of the same key is a hit that costs nothing and can be followed', async () => {
  const first = await answerTo(hello, asking)

  const second = await answerTo(hello, asking)

  expect([first.village.cache, second.village.cache]).toEqual(['miss', 'hit'])
  expect(second.choices).toEqual(first.choices)
  expect(first.usage.cost).toBeGreaterThan(0)
  expect(second.usage).toEqual({ ...first.usage, cost: 0 })
  expect(second.village.saved_usd).toBe(first.usage.cost)
  const response = await fetch(`${village.url}/village/decisions/${second.village.decision_id}`, {
    headers: { authorization: `Bearer ${village.firstKey}` },
  })
  const trail = (await response.json()) as DecisionTrail
  expect(trail.decision.reason).toContain(first.village.decision_id)
  expect(trail.interactions).toMatchObject([{ answer: 'answer number 1' }])
  expect(village.accounting.totals.tasks).toBe(2)
})

test('another key never gets the answer, and cannot forget it either', async () => {
  const second = { key: village.secondKey }
  await answerTo(hello, asking)

  const other = await answerTo(hello, asking, second)
  const forgotten = await post({}, {}, { ...second, path: '/village/cache/forget' })

  expect([other.village.cache, other.choices[0]?.message.content]).toEqual([
    'miss',
    'answer number 2',
  ])
  expect(await forgotten.json()).toMatchObject({ forgotten: 1 })
  expect(await cacheOf(hello, asking)).toBe('hit')
})

test('a hit is streamed to a client that asks for a stream, and a stream is kept whole', async () => {
  const streamed = await (await post({ ...hello, stream: true }, asking)).text()

  const again = await (await post({ ...hello, stream: true }, asking)).text()
  const whole = await answerTo(hello, asking)

  expect(textIn(again)).toBe(textIn(streamed))
  expect([streamed, again].map((text) => /"cache":"(\w+)"/.exec(text)?.[1])).toEqual([
    'miss',
    'hit',
  ])
  expect(again.trimEnd().endsWith('data: [DONE]')).toBe(true)
  expect(whole.village.cache).toBe('hit')
  expect(calls).toBe(1)
})

test('nothing is kept unless the request asks for it, and no-store and no-cache are honoured', async () => {
  expect(await cacheOf(hello)).toBe('miss')
  expect(await cacheOf(hello)).toBe('miss')
  expect(await cacheOf(hello, { ...asking, 'cache-control': 'no-store' })).toBe('miss')
  expect(await cacheOf(hello, asking)).toBe('miss')
  expect(await cacheOf(hello, { ...asking, 'cache-control': 'no-store' })).toBe('miss')
  expect(await cacheOf(hello, { ...asking, 'cache-control': 'no-cache' })).toBe('miss')
  expect((await answerTo(hello, asking)).choices[0]?.message.content).toBe('answer number 6')
})

test('a key forgets its answers by decision, model, agent and age', async () => {
  const forget = async (what: object): Promise<unknown> =>
    (await post(what, {}, { path: '/village/cache/forget' })).json()
  const { village: block } = await answerTo(hello, asking)
  await answerTo({ ...hello, model: 'village/king' }, asking)

  expect(await forget({ older_than_seconds: 3600 })).toMatchObject({ forgotten: 0 })
  expect(await forget({ model: 'vendor/magi' })).toMatchObject({ forgotten: 0 })
  expect(await forget({ agent: 'king' })).toMatchObject({ forgotten: 1 })
  expect(await forget({ decision_id: block.decision_id })).toMatchObject({ forgotten: 1 })
  expect(await cacheOf(hello, asking)).toBe('miss')
  expect((await post({ keys: 1 }, {}, { path: '/village/cache/forget' })).status).toBe(400)
})

test('a kept answer survives a restart', async () => {
  await answerTo(hello, asking)
  const { firstKey } = village
  await village.close()

  village = await serve(2)

  expect(await cacheOf(hello, asking, { key: firstKey })).toBe('hit')
  expect(calls).toBe(1)
})

test('a hit teaches nothing: no example, no comparison, no second interaction', async () => {
  const toKing = { ...hello, model: 'village/king' }
  await answerTo(toKing, asking)
  await village.village.whenIdle()
  const types = ['interaction', 'example', 'comparison'] as const
  const before = await Promise.all(types.map((type) => village.store.ledger.count(type)))

  expect(await cacheOf(toKing, asking)).toBe('hit')
  await village.village.whenIdle()

  const after = await Promise.all(types.map((type) => village.store.ledger.count(type)))
  expect(after).toEqual(before)
  expect(village.errors).toEqual([])
})

function textIn(stream: string): string {
  return [...stream.matchAll(/"delta":\{"content":("(?:[^"\\]|\\.)*")\}/g)]
    .map(([, text]) => JSON.parse(text ?? '""') as string)
    .join('')
}
