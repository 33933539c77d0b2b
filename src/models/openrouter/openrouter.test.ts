import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ChatEvent, ChatRequest } from '../../kernel/chat.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import { createManualClock } from '../../kernel/manual-clock.ts'
import { createOpenRouter, type OpenRouterOptions } from './openrouter.ts'
import {
  json,
  resetConnection,
  startTestDouble,
  type Handler,
  type TestDouble,
} from '../chat-completions/test-double.ts'

const { signal } = new AbortController()
const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }], sampling: {} }

let double: TestDouble
beforeAll(async () => {
  double = await startTestDouble()
})
afterAll(async () => {
  await double.close()
})

async function connect(options: Partial<OpenRouterOptions> = {}) {
  const clock = createManualClock({ runs: true })
  const openRouter = createOpenRouter({
    baseUrl: double.baseUrl,
    apiKey: 'sk-secret',
    clock,
    random: () => 0.5,
    requestsPerMinute: 1000,
    simulated: false,
    ...options,
  })
  onTestFinished(() => openRouter.close())
  return { openRouter, clock, adapter: await openRouter.adapter('vendor/echo', signal) }
}

async function collect(stream: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const collected: ChatEvent[] = []
  for await (const event of stream) collected.push(event)
  return collected
}

const serverError = json(500, { error: { code: 500, message: 'Internal error' } })

test('usage and cost are those that the provider reports', async () => {
  const { adapter } = await connect()
  double.reply(
    json(200, {
      id: 'gen-9',
      model: 'vendor/other',
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 11,
        completion_tokens: 3,
        cost: 0.000_123_456_7,
        prompt_tokens_details: { cached_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    }),
  )

  const answer = await adapter.answer(hello, { signal })

  expect(answer).toMatchObject({ text: 'Hi', model: 'vendor/other', generationId: 'gen-9' })
  expect(answer.usage).toEqual({
    promptTokens: 11,
    completionTokens: 3,
    cachedPromptTokens: 5,
    reasoningTokens: 2,
    cost: 123_457,
  })
})

test('the list price stands in for a cost that the provider does not report', async () => {
  const { adapter } = await connect()
  double.reply(
    json(200, {
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1000, completion_tokens: 100 },
    }),
  )

  const answer = await adapter.answer(hello, { signal })

  expect(answer.usage.cost).toBe(1000 * 500 + 100 * 1500)
})

test('passed-through fields reach the provider; messages, model and stream are ours', async () => {
  const { adapter } = await connect({ referer: 'https://village.example', title: 'Village' })
  const request: ChatRequest = {
    messages: [{ role: 'user', content: 'Hello', extra: { name: 'Ada' } }],
    sampling: { temperature: 0.2, topP: 0.9, maxTokens: 20, stop: ['END'], seed: 4 },
    extra: { models: ['vendor/a'], provider: { sort: 'price' }, model: 'evil/model', stream: true },
  }

  await adapter.answer(request, { signal })

  const sent = double.requests.at(-1)
  expect(sent?.body).toEqual({
    model: 'vendor/echo',
    messages: [{ role: 'user', content: 'Hello', name: 'Ada' }],
    stream: false,
    temperature: 0.2,
    top_p: 0.9,
    max_tokens: 20,
    stop: ['END'],
    seed: 4,
    models: ['vendor/a'],
    provider: { sort: 'price' },
  })
  expect(sent?.headers).toMatchObject({
    authorization: 'Bearer sk-secret',
    'http-referer': 'https://village.example',
    'x-openrouter-title': 'Village',
  })
})

test('fields of the message that we do not read come back as they were', async () => {
  const { adapter } = await connect()
  const toolCalls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }]
  double.reply(
    json(200, {
      choices: [{ message: { content: null, tool_calls: toolCalls }, finish_reason: 'tool_calls' }],
    }),
  )

  const answer = await adapter.answer(hello, { signal })

  expect(answer).toMatchObject({ text: '', finishReason: 'tool_calls' })
  expect(answer.extra).toEqual({ tool_calls: toolCalls })
})

test('blank keep-alive lines before the answer are passed over', async () => {
  const { adapter } = await connect()
  const body = JSON.stringify({
    choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  })
  double.reply(json(200, `\n\n   \n${body}`))

  const answer = await adapter.answer(hello, { signal })

  expect(answer.text).toBe('Hi')
})

test('a passing failure is tried again after pauses that grow', async () => {
  const { adapter, clock } = await connect()
  double.reply(serverError, resetConnection)

  const answer = await adapter.answer(hello, { signal })

  expect(answer.text).toContain('Hello')
  expect(answer.retries).toBe(2)
  expect(clock.sleptMs).toEqual([375, 750])
})

test('after the last attempt the error goes to the caller', async () => {
  const { adapter } = await connect({ attempts: 2 })
  double.reply(serverError, serverError)

  const call = adapter.answer(hello, { signal })

  await expect(call).rejects.toMatchObject({ status: 500, retryable: true, midStream: false })
})

test('Retry-After is waited for, in seconds or as a date', async () => {
  const { adapter, clock } = await connect()
  const limited = { error: { code: 429, message: 'Rate limited' } }
  const inFourSeconds = new Date(clock.now() + 3000 + 4000).toUTCString()
  double.reply(
    json(429, limited, { 'retry-after': '3' }),
    json(503, limited, { 'retry-after': inFourSeconds }),
  )

  const answer = await adapter.answer(hello, { signal })

  expect(answer.retries).toBe(2)
  expect(clock.sleptMs).toEqual([3000, 4000])
})

test('a Retry-After beyond the timeout is not waited for', async () => {
  const { adapter, clock } = await connect({ timeoutMs: 5000 })
  double.reply(json(429, { error: { code: 429, message: 'Slow down' } }, { 'retry-after': '60' }))

  const call = adapter.answer(hello, { signal })

  await expect(call).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 })
  expect(clock.sleptMs).toEqual([])
})

test('a refusal is not tried again and tells the reason of the upstream provider', async () => {
  const { adapter, clock } = await connect()
  const raw = JSON.stringify({ error: { message: 'the context of 8192 tokens is exceeded' } })
  double.reply(
    json(400, {
      error: {
        code: 400,
        message: 'Provider returned error',
        metadata: { raw, provider_name: 'Acme' },
      },
    }),
  )

  const call = adapter.answer(hello, { signal })

  await expect(call).rejects.toMatchObject({
    status: 400,
    retryable: false,
    message:
      'OpenRouter answered 400 for vendor/echo: Provider returned error (Acme: the context of 8192 tokens is exceeded)',
  })
  expect(clock.sleptMs).toEqual([])
})

test('the key is never in an error, even when the provider repeats it', async () => {
  const { adapter } = await connect()
  double.reply(json(401, { error: { code: 401, message: 'No user for key sk-secret' } }))

  const error: unknown = await adapter.answer(hello, { signal }).catch((caught: unknown) => caught)

  expect(error).toBeInstanceOf(ModelCallError)
  expect((error as Error).message).toContain('No user for key [key]')
})

test.each<[string, Handler, number | undefined]>([
  [
    'a 200 with an error',
    json(200, { error: { code: 402, message: 'Insufficient credits' } }),
    402,
  ],
  ['a page that is not JSON', json(403, '<html>Forbidden</html>'), 403],
  ['an answer with no choice', json(200, { choices: [] }), undefined],
  ['a body cut off', json(200, '{"choices": [{"mess'), undefined],
  [
    'an answer with nothing in it',
    json(200, { choices: [{ message: { content: '' }, finish_reason: null }] }),
    undefined,
  ],
  [
    'an answer that ended with an error',
    json(200, { choices: [{ message: { content: 'Hal' }, finish_reason: 'error' }] }),
    undefined,
  ],
])('%s is a ModelCallError, whole and streamed', async (_name, handler, status) => {
  const { adapter } = await connect({ attempts: 1 })
  double.reply(handler, handler)

  const whole = adapter.answer(hello, { signal })
  await expect(whole).rejects.toBeInstanceOf(ModelCallError)
  await expect(whole).rejects.toMatchObject({ status })
  const streamed = collect(adapter.stream(hello, { signal }))
  await expect(streamed).rejects.toBeInstanceOf(ModelCallError)
  await expect(streamed).rejects.toMatchObject({ status, midStream: false })
})

test('a call that waits for the rate limit is not sent yet, and says so', async () => {
  const { adapter } = await connect({ requestsPerMinute: 1, clock: createManualClock() })
  const controller = new AbortController()
  const [first, second] = [{ sent: false }, { sent: true }]
  await adapter.answer(hello, { signal, progress: first })

  const waiting = adapter.answer(hello, { signal: controller.signal, progress: second })
  controller.abort(new Error('the client left'))

  await expect(waiting).rejects.toThrow('the client left')
  expect([first.sent, second.sent]).toEqual([true, false])
})
