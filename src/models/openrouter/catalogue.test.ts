import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ChatRequest } from '../../kernel/chat.ts'
import { UnknownModelError } from '../../kernel/errors.ts'
import { createManualClock } from '../../kernel/manual-clock.ts'
import { createOpenRouter, type OpenRouterOptions } from './openrouter.ts'
import {
  json,
  resetConnection,
  startTestDouble,
  type TestDouble,
} from '../chat-completions/test-double.ts'

const { signal } = new AbortController()
const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }], sampling: {} }

let double: TestDouble
beforeAll(async () => {
  double = await startTestDouble()
})
afterEach(() => double.replyToModels(undefined))
afterAll(async () => {
  await double.close()
})

function connect(options: Partial<OpenRouterOptions> = {}) {
  const clock = createManualClock()
  const openRouter = createOpenRouter({
    baseUrl: double.baseUrl,
    apiKey: 'sk-secret',
    clock,
    random: () => 0.5,
    simulated: true,
    ...options,
  })
  onTestFinished(() => openRouter.close())
  return { openRouter, clock }
}

function modelsFetched(): number {
  return double.requests.filter((request) => request.path === '/api/v1/models').length
}

test('the list carries prices, context lengths and the right to train', async () => {
  const { openRouter } = connect({ grantedModels: ['other/thinker'] })

  const models = await openRouter.list(signal)

  expect(models.map((model) => [model.id, model.distillable])).toEqual([
    ['vendor/echo', 'yes'],
    ['vendor/echo-large', 'no'],
    ['other/thinker', 'granted'],
    ['other/free:free', 'no'],
    ['openrouter/auto', 'no'],
  ])
  expect(models[0]).toMatchObject({
    kind: 'frontier',
    contextLength: 128_000,
    maxCompletionTokens: 16_384,
    price: { prompt: 500_000, completion: 1_500_000 },
    inputModalities: ['text', 'image'],
    supportedParameters: ['temperature', 'stop'],
    createdAtMs: 1_700_000_000_000,
    simulated: true,
  })
  expect(models[3]?.price).toEqual({ prompt: 0, completion: 0 })
})

test('a model whose price varies counts as dear, never as free', async () => {
  const { openRouter } = connect()

  const { description } = await openRouter.adapter('openrouter/auto', signal)

  expect(description.price.prompt).toBeGreaterThan(1_000_000)
})

test('an unknown slug is refused before any call, with close names', async () => {
  const { openRouter } = connect()
  const before = double.requests.filter(({ path }) => path.endsWith('/chat/completions')).length

  const call = openRouter.adapter('vendor/ecko', signal)

  await expect(call).rejects.toBeInstanceOf(UnknownModelError)
  await expect(call).rejects.toMatchObject({ closeModels: ['vendor/echo'] })
  const after = double.requests.filter(({ path }) => path.endsWith('/chat/completions')).length
  expect(after).toBe(before)
})

test('a variant of a listed model is known by its own name', async () => {
  const { openRouter } = connect()

  const { description } = await openRouter.adapter('vendor/echo:online', signal)

  expect(description).toMatchObject({ id: 'vendor/echo:online', contextLength: 128_000 })
})

test('the list is fetched once, and again when its time to live is over', async () => {
  const { openRouter, clock } = connect({ modelsTimeToLiveMs: 1000 })
  const before = modelsFetched()
  await Promise.all([openRouter.list(signal), openRouter.adapter('vendor/echo', signal)])
  await openRouter.list(signal)
  expect(modelsFetched()).toBe(before + 1)

  await clock.advance(1000)
  const fetchedAgain = new Promise<void>((resolve) => {
    double.replyToModels((request, response) => {
      json(200, { data: [] })(request, response)
      resolve()
    })
  })
  const served = await openRouter.list(signal)
  await fetchedAgain

  expect(served).toHaveLength(5)
})

test('an unreachable list does not stop calls', async () => {
  const { openRouter } = connect()
  double.replyToModels(resetConnection)

  const adapter = await openRouter.adapter('any/model', signal)
  const answer = await adapter.answer(hello, { signal })

  expect(answer.text).toContain('Hello')
  expect(adapter.description).toMatchObject({ distillable: 'no', contextLength: 8192 })
  await expect(openRouter.list(signal)).rejects.toMatchObject({ name: 'ModelCallError' })
})

test('a list that failed is left alone for a while, and then asked for again', async () => {
  const { openRouter, clock } = connect()
  double.replyToModels(resetConnection)
  await openRouter.adapter('vendor/echo', signal)
  double.replyToModels(undefined)

  const soon = await openRouter.adapter('vendor/echo', signal)
  await clock.advance(30_000)
  const later = await openRouter.adapter('vendor/echo', signal)

  expect(soon.description.contextLength).toBe(8192)
  expect(later.description.contextLength).toBe(128_000)
})

test('the allowance of the key is what the provider says', async () => {
  const { openRouter } = connect()
  double.reply(json(200, { data: { label: 'k', limit: 10, limit_remaining: 7.5, usage: 2.5 } }))

  const allowance = await openRouter.allowance(signal)

  expect(allowance).toEqual({ usedUsd: 2.5, limitUsd: 10, remainingUsd: 7.5 })
})
