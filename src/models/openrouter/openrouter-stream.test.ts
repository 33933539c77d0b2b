import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ChatEvent, ChatRequest } from '../../kernel/chat.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import { createManualClock } from '../../kernel/manual-clock.ts'
import { createOpenRouter, type OpenRouterOptions } from './openrouter.ts'
import {
  brokenEvents,
  delta,
  events,
  hang,
  json,
  startTestDouble,
  usageChunk,
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

test('a provider that does not begin its answer runs into the timeout', async () => {
  const { adapter } = await connect({ attempts: 1, timeoutMs: 50 })
  double.reply(hang)

  const call = adapter.answer(hello, { signal })

  await expect(call).rejects.toMatchObject({ status: undefined, retryable: true })
  await expect(call).rejects.toThrow('took too long')
})

test('a stream that falls silent runs into the timeout, in mid-stream', async () => {
  const { adapter } = await connect({ attempts: 3, timeoutMs: 50 })
  double.reply(hang)

  const call = collect(adapter.stream(hello, { signal }))

  await expect(call).rejects.toMatchObject({ midStream: true, retryable: false })
  await expect(call).rejects.toThrow('fell silent')
})

const upstreamFailure = {
  error: { code: 'server_error', message: 'Provider disconnected' },
  choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
}

test.each<[string, Handler]>([
  ['an error chunk', events(delta('Hal'), upstreamFailure)],
  ['an end without a finish', events(delta('Hal'))],
  ['an end mark without a finish', events(delta('Hal'), '[DONE]')],
  ['a connection that breaks', brokenEvents(delta('Hal'))],
  ['a chunk that cannot be read', events(delta('Hal'), '{"choices": 7}')],
])('%s after the first text fails in mid-stream and is not repeated', async (_name, handler) => {
  const { adapter, clock } = await connect()
  double.reply(handler)
  const received: string[] = []

  const call = (async () => {
    for await (const event of adapter.stream(hello, { signal })) {
      received.push(event.type === 'text' ? event.text : event.type)
    }
  })()

  await expect(call).rejects.toBeInstanceOf(ModelCallError)
  await expect(call).rejects.toMatchObject({ midStream: true, retryable: false })
  expect(received).toEqual(['Hal'])
  expect(clock.sleptMs).toEqual([])
})

test('an error before the first text of a stream is tried again', async () => {
  const { adapter } = await connect()
  double.reply(events(': OPENROUTER PROCESSING', upstreamFailure), serverError)

  const collected = await collect(adapter.stream(hello, { signal }))

  const finish = collected.at(-1)
  expect(finish?.type === 'finish' && finish.answer.retries).toBe(2)
  expect(finish?.type === 'finish' && finish.answer.text).toContain('Hello')
})

test.each<[string, readonly (string | object)[]]>([
  ['with empty choices', [usageChunk]],
  ['with an empty delta', [{ ...usageChunk, choices: [{ index: 0, delta: { content: '' } }] }]],
])('the usage chunk of a stream is read %s', async (_name, chunks) => {
  const { adapter } = await connect()
  double.reply(events(delta('Hi'), delta('', 'stop'), ...chunks, '[DONE]'))

  const collected = await collect(adapter.stream(hello, { signal }))

  expect(collected.map((event) => event.type)).toEqual(['text', 'finish'])
  expect(collected.at(-1)).toMatchObject({
    answer: { usage: { promptTokens: 7, completionTokens: 2, cost: 12_000 } },
  })
})

test('tool calls of a stream are passed on piece by piece and whole at the end', async () => {
  const { adapter } = await connect()
  const call = (piece: object) => ({ choices: [{ index: 0, delta: { tool_calls: [piece] } }] })
  double.reply(
    events(
      call({ index: 0, id: 'c1', type: 'function', function: { name: 'add', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"a":' } }),
      call({ index: 1, id: 'c2', function: { name: 'sub', arguments: '{}' } }),
      call({ index: 0, function: { arguments: '1}' } }),
      delta('', 'tool_calls'),
      '[DONE]',
    ),
  )

  const collected = await collect(adapter.stream(hello, { signal }))

  expect(collected.filter((event) => event.type === 'delta')).toHaveLength(4)
  expect(collected.at(-1)).toMatchObject({
    answer: {
      finishReason: 'tool_calls',
      extra: {
        tool_calls: [
          { index: 0, id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } },
          { index: 1, id: 'c2', function: { name: 'sub', arguments: '{}' } },
        ],
      },
    },
  })
})

test.each([false, true])(
  'an abort ends the request at the provider (streamed: %s)',
  async (streamed) => {
    const { adapter } = await connect()
    const controller = new AbortController()
    const reason = new Error('the client left')
    const begun = new Promise<void>((resolve) => {
      double.reply((request, response) => {
        hang(request, response)
        resolve()
      })
    })
    const call = streamed
      ? collect(adapter.stream(hello, { signal: controller.signal }))
      : adapter.answer(hello, { signal: controller.signal })
    await begun

    controller.abort(reason)

    await expect(call).rejects.toBe(reason)
    await double.requests.at(-1)?.abandoned
  },
)

test('a reader that leaves a stream ends the request at the provider', async () => {
  const { adapter } = await connect()
  double.reply(hang)

  for await (const event of adapter.stream(hello, { signal })) {
    expect(event).toEqual({ type: 'text', text: 'Once' })
    break
  }

  await double.requests.at(-1)?.abandoned
})

test('characters cut in two by the network come out whole', async () => {
  const { adapter } = await connect()
  const bytes = Buffer.from(
    `data: ${JSON.stringify(delta('🏡 村', 'stop'))}\n\ndata: ${JSON.stringify(usageChunk)}\n\ndata: [DONE]\n\n`,
  )
  double.reply((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const writeNext = (index: number): void => {
      if (index >= bytes.length) {
        response.end()
        return
      }
      response.write(bytes.subarray(index, index + 1))
      setImmediate(() => writeNext(index + 1))
    }
    writeNext(0)
  })

  const collected = await collect(adapter.stream(hello, { signal }))

  expect(collected[0]).toEqual({ type: 'text', text: '🏡 村' })
})
