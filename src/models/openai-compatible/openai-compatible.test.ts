import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ChatEvent, ChatRequest } from '../../kernel/chat.ts'
import { systemClock } from '../../kernel/clock.ts'
import {
  delta,
  events,
  hang,
  json,
  resetConnection,
  startTestDouble,
  usageChunk,
  type Handler,
  type TestDouble,
} from '../chat-completions/test-double.ts'
import { createOpenAICompatible, type OpenAICompatibleOptions } from './openai-compatible.ts'
import { ownModel } from './own-model.ts'

const { signal } = new AbortController()
const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }], sampling: {} }

let double: TestDouble
beforeAll(async () => {
  double = await startTestDouble()
})
afterAll(async () => {
  await double.close()
})

function connect(options: Partial<OpenAICompatibleOptions> = {}) {
  const server = createOpenAICompatible({
    name: 'north',
    baseUrl: double.baseUrl,
    apiKey: 'sk-secret',
    clock: systemClock,
    random: () => 0.5,
    ...options,
  })
  onTestFinished(() => server.close())
  return { server, adapter: server.model(ownModel, 'coder.gguf') }
}

async function collect(stream: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const collected: ChatEvent[] = []
  for await (const event of stream) collected.push(event)
  return collected
}

test('the server gets its own name of the model, the client sees the operator’s', async () => {
  const { adapter } = connect()

  const answer = await adapter.answer(hello, { signal })
  const streamed = await collect(adapter.stream(hello, { signal }))

  expect(double.requests.slice(-2).map(({ body }) => body['model'])).toEqual([
    'coder.gguf',
    'coder.gguf',
  ])
  expect(answer.model).toBe('acme/coder')
  expect(streamed.at(-1)).toMatchObject({ type: 'finish', answer: { model: 'acme/coder' } })
})

test('a stream asks for its usage beside what the client asked for', async () => {
  const { adapter } = connect()
  const extra = { stream_options: { include_obfuscation: false }, tools: [{ type: 'function' }] }

  await collect(adapter.stream({ ...hello, extra }, { signal }))

  expect(double.requests.at(-1)?.body).toMatchObject({
    stream_options: { include_obfuscation: false, include_usage: true },
    tools: [{ type: 'function' }],
  })
})

test('tokens cost what the operator said, and are estimated where the server counts none', async () => {
  const { adapter } = connect()
  const message = { role: 'assistant', content: 'Eight ch' }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  double.reply(
    json(200, {
      id: null,
      model: null,
      choices,
      usage: { prompt_tokens: 10, completion_tokens: 5 },
    }),
    json(200, { choices, usage: {} }),
  )

  const counted = await adapter.answer(hello, { signal })
  const uncounted = await adapter.answer(hello, { signal })

  expect(counted.usage).toMatchObject({ promptTokens: 10, completionTokens: 5, cost: 40_000 })
  expect(uncounted.usage).toMatchObject({ promptTokens: 2, completionTokens: 2, cost: 12_000 })
})

test('the limit of tokens goes by the name that the server knows', async () => {
  const { adapter } = connect({ maxTokensField: 'max_completion_tokens' })

  await adapter.answer({ ...hello, sampling: { maxTokens: 7 } }, { signal })

  const body = double.requests.at(-1)?.body
  expect(body?.['max_completion_tokens']).toBe(7)
  expect(body).not.toHaveProperty('max_tokens')
})

test('a server without a key is sent none', async () => {
  const { adapter } = connect({ apiKey: undefined })

  await adapter.answer(hello, { signal })

  expect(double.requests.at(-1)?.headers).not.toHaveProperty('authorization')
})

test.each<[string, Handler, string]>([
  [
    'OpenAI',
    json(400, {
      error: { message: 'too many tokens', type: 'invalid_request_error', code: 'long' },
    }),
    'too many tokens',
  ],
  ['Ollama', json(404, { error: 'model "coder" not found' }), 'model "coder" not found'],
  ['vLLM', json(400, { object: 'error', message: 'no such LoRA', code: 400 }), 'no such LoRA'],
  ['FastAPI', json(422, { detail: 'field required' }), 'field required'],
  ['a stream', events({ error: { message: 'CUDA out of memory', code: 500 } }), 'CUDA out of'],
  ['a plain reason in a stream', events({ error: 'context is full' }), 'context is full'],
])('the reason of a refusal comes through as %s gives it', async (_name, handler, reason) => {
  const { adapter } = connect()
  double.reply(handler)

  const call = collect(adapter.stream(hello, { signal }))

  await expect(call).rejects.toMatchObject({ name: 'ModelCallError', model: 'acme/coder' })
  await expect(call).rejects.toThrow(reason)
  await expect(call).rejects.toThrow('The server north')
})

test('the key is never in an error, even when the server repeats it', async () => {
  const { adapter } = connect()
  double.reply(json(401, { error: { message: 'Incorrect API key provided: sk-secret' } }))

  const call = adapter.answer(hello, { signal })

  await expect(call).rejects.toMatchObject({ status: 401 })
  await expect(call).rejects.not.toThrow('sk-secret')
})

test('a failed call is not repeated unless that is asked for', async () => {
  const { adapter } = connect()
  const before = double.requests.length
  double.reply(resetConnection)

  await expect(adapter.answer(hello, { signal })).rejects.toMatchObject({ retryable: true })

  expect(double.requests).toHaveLength(before + 1)
})

test('a server that accepts and says nothing runs into the timeout', async () => {
  const { adapter } = connect({ timeoutMs: 50 })
  double.reply(hang)

  const call = adapter.answer(hello, { signal })

  await expect(call).rejects.toMatchObject({ retryable: true, status: undefined })
  await expect(call).rejects.toThrow('took too long')
})

test('tool calls come piece by piece and whole at the end', async () => {
  const { adapter } = connect()
  const piece = (call: object) => ({
    choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: null }],
  })
  double.reply(
    events(
      piece({ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"a"' } }),
      piece({ function: { arguments: ':1}' } }),
      delta('', 'tool_calls'),
      usageChunk,
      '[DONE]',
    ),
  )

  const streamed = await collect(adapter.stream(hello, { signal }))

  expect(streamed.map(({ type }) => type)).toEqual(['delta', 'delta', 'finish'])
  expect(streamed.at(-1)).toMatchObject({
    answer: {
      finishReason: 'tool_calls',
      extra: { tool_calls: [{ id: 'call_1', function: { name: 'look', arguments: '{"a":1}' } }] },
    },
  })
})

test('a probe passes where a models list is served, or none is', async () => {
  const { server } = connect()
  double.replyToModels(json(404, { error: 'no such route' }))
  onTestFinished(() => double.replyToModels(undefined))

  await expect(server.probe(signal)).resolves.toBeUndefined()

  double.replyToModels(undefined)
  await expect(server.probe(signal)).resolves.toBeUndefined()
})

test.each<[string, Handler]>([
  ['loads its model still', json(503, { error: { message: 'Loading model' } })],
  ['refuses the key', json(401, { error: { message: 'no' } })],
  ['resets the connection', resetConnection],
])('a probe fails while the server %s', async (_state, handler) => {
  const { server } = connect()
  double.replyToModels(handler)
  onTestFinished(() => double.replyToModels(undefined))

  await expect(server.probe(signal)).rejects.toMatchObject({ name: 'ModelCallError' })
})
