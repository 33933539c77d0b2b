import { beforeEach, expect, test } from 'vitest'
import { noUsage } from '../kernel/chat.ts'
import type { CachedAnswer, CachedAnswerHead, CachedAnswerStore } from '../kernel/cached-answer.ts'
import type { Decision } from '../kernel/decision.ts'
import { AnswerCache, type AnswerCacheLimits } from './answer-cache.ts'

let nowMs = 0
let stored: Map<string, CachedAnswer>
let loads = 0
let errors: unknown[] = []

const store: CachedAnswerStore = {
  save: async (kept) => void stored.set(kept.head.key, kept),
  load: async (key) => {
    loads += 1
    return stored.get(key) ?? null
  },
  heads: async () => [...stored.values()].map(({ head }) => head),
  remove: async (keys) => {
    for (const key of keys) stored.delete(key)
  },
}

beforeEach(() => {
  nowMs = 1_000
  stored = new Map()
  loads = 0
  errors = []
})

const roomy: AnswerCacheLimits = {
  maxEntries: 100,
  maxBytes: 100_000,
  maxStoredEntries: 100,
  maxStoredBytes: 100_000,
}

function open(limits: Partial<AnswerCacheLimits> = {}, over: CachedAnswerStore = store) {
  return new AnswerCache({
    store: over,
    clock: { now: () => nowMs, sleep: () => Promise.resolve() },
    limits: { ...roomy, ...limits },
    onError: (error) => void errors.push(error),
  })
}

function entry(key: string, head: Partial<CachedAnswerHead> = {}): CachedAnswer {
  return {
    head: {
      key,
      tenant: 'key_1',
      requestedModel: 'village',
      agent: 'king',
      localAgent: null,
      checkpoint: null,
      decisionId: `dec_${key}`,
      sizeBytes: 1_000,
      storedAtMs: nowMs,
      expiresAtMs: nowMs + 60_000,
      ...head,
    },
    answer: {
      text: `answer ${key}`,
      finishReason: 'stop',
      usage: noUsage,
      model: 'vendor/model',
      latencyMs: 1,
      retries: 0,
    },
    decision: { id: `dec_${key}` } as Decision,
  }
}

function put(cache: AnswerCache, ...entries: readonly CachedAnswer[]): void {
  for (const one of entries) cache.put(one, cache.epoch)
}

async function textOf(cache: AnswerCache, key: string): Promise<string | null> {
  return (await cache.find(key))?.answer.text ?? null
}

test('gives a kept answer without a promise, and reads nothing for a miss', () => {
  const cache = open()
  put(cache, entry('a'))

  expect(cache.find('a')).toMatchObject({ answer: { text: 'answer a' } })
  expect(cache.find('b')).toBeNull()
  expect(loads).toBe(0)
})

test('an answer older than its time to live is gone, from the database too', async () => {
  const cache = open()
  put(cache, entry('a'))

  nowMs += 60_000

  expect(await textOf(cache, 'a')).toBeNull()
  expect(stored.size).toBe(0)
})

test('memory holds the answers used last; the others come from the database', async () => {
  const cache = open({ maxEntries: 2 })
  put(cache, entry('a'), entry('b'))
  await cache.find('a')
  put(cache, entry('c'))

  const [a, b, c] = [cache.find('a'), cache.find('b'), cache.find('c')]

  expect([a instanceof Promise, b instanceof Promise, c instanceof Promise]).toEqual([
    false,
    true,
    false,
  ])
  expect((await b)?.answer.text).toBe('answer b')
})

test.each([
  ['entries', { maxStoredEntries: 2 }],
  ['bytes', { maxStoredBytes: 2_500 }],
])('the database too is bounded in %s', async (_, limits) => {
  const cache = open(limits)

  put(cache, entry('a'), entry('b'), entry('c'))

  expect(await textOf(cache, 'a')).toBeNull()
  expect([...stored.keys()]).toEqual(['b', 'c'])
})

test('one huge answer does not push out all the others', async () => {
  const cache = open()
  put(cache, entry('a'))

  put(cache, entry('huge', { sizeBytes: 50_000 }))

  expect(await textOf(cache, 'a')).toBe('answer a')
  expect(await textOf(cache, 'huge')).toBeNull()
})

test('forgets by key, model, agent, local agent, tenant, decision and age', async () => {
  const cases = [
    [{ key: 'a' }, entry('a'), entry('b')],
    [{ model: 'x' }, entry('a', { requestedModel: 'x' }), entry('b')],
    [{ agent: 'sage' }, entry('a', { agent: 'sage' }), entry('b')],
    [{ localAgent: 'king' }, entry('a', { localAgent: 'king' }), entry('b')],
    [{ tenant: 'key_2' }, entry('a', { tenant: 'key_2' }), entry('b')],
    [{ decisionId: 'dec_a' }, entry('a'), entry('b')],
    [{ olderThanMs: 500 }, entry('a', { storedAtMs: 500 }), entry('b')],
  ] as const
  for (const [what, meant, other] of cases) {
    const cache = open()
    put(cache, meant, other)

    expect(cache.invalidate(what)).toBe(1)

    expect([await textOf(cache, 'a'), await textOf(cache, 'b')]).toEqual([null, 'answer b'])
    expect([...stored.keys()]).toEqual(['b'])
  }
})

test('every condition must hold, and none at all means everything', () => {
  const cache = open()
  put(cache, entry('a', { tenant: 'key_2' }), entry('b', { agent: 'sage' }), entry('c'))

  expect(cache.invalidate({ tenant: 'key_1', agent: 'sage' })).toBe(1)
  expect(cache.invalidate({})).toBe(2)
})

test('an answer that was begun before an invalidation is not kept after it', async () => {
  const cache = open()
  const { epoch } = cache
  cache.invalidate({ localAgent: 'king' })

  cache.put(entry('a'), epoch)

  expect(await textOf(cache, 'a')).toBeNull()
})

test('an answer that is forgotten while it is being read is not given', async () => {
  const cache = open({ maxEntries: 1 })
  put(cache, entry('a'), entry('b'))

  const reading = cache.find('a')
  cache.invalidate({ key: 'a' })

  expect(await reading).toBeNull()
})

test('a restart takes up what is neither expired nor of replaced weights', async () => {
  const before = open()
  put(
    before,
    entry('frontier'),
    entry('old', { localAgent: 'king', checkpoint: 'old' }),
    entry('expired', { expiresAtMs: nowMs }),
  )

  const after = open()
  await after.restore(({ checkpoint }) => checkpoint !== 'old')

  expect(await textOf(after, 'frontier')).toBe('answer frontier')
  expect(await textOf(after, 'old')).toBeNull()
  expect([...stored.keys()]).toEqual(['frontier'])
})

test('a database that fails costs the kept answer and nothing else', async () => {
  const broken = () => Promise.reject(new Error('disk'))
  const cache = open({ maxEntries: 1 }, { ...store, save: broken, load: broken, remove: broken })

  put(cache, entry('a'), entry('b'))
  const found = await cache.find('a')
  cache.invalidate({})
  await Promise.resolve()

  expect(found).toBeNull()
  expect(errors.length).toBeGreaterThanOrEqual(3)
})
