import { expect, onTestFinished, test } from 'vitest'
import type { AnswerInput } from '../village/village-service.ts'
import type { ServerOptions } from './server.ts'
import {
  answeredWith,
  postJson,
  readerOf,
  scriptedService,
  startScriptedServer,
} from './scripted-village.ts'

async function start(options: Partial<ServerOptions>): Promise<string> {
  const server = await startScriptedServer(options)
  onTestFinished(() => server.close())
  return `${server.url}/v1/chat/completions`
}

const hello = { model: 'village', messages: [{ role: 'user', content: 'Hello' }] }

async function readLines(response: Response): Promise<string[]> {
  return (await response.text()).split('\n\n').filter((line) => line !== '')
}

function chunkOf(line: string): Record<string, unknown> {
  return JSON.parse(line.replace(/^data: /, '')) as Record<string, unknown>
}

test('gives a whole answer in the shape of OpenAI, with the village block', async () => {
  const url = await start({})

  const response = await postJson(url, hello)

  const body = (await response.json()) as Record<string, unknown>
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(body).toEqual({
    id: expect.stringMatching(/^chatcmpl_/),
    object: 'chat.completion',
    system_fingerprint: null,
    created: expect.any(Number),
    model: 'local/king',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hello there', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 12,
      completion_tokens: 3,
      total_tokens: 15,
      cost: 0.001,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 1 },
    },
    village: {
      agent: 'king',
      route: 'local',
      model: 'local/king',
      checkpoint: 'abc123',
      reason: 'The local model is good enough for this kind of task.',
      decision_id: 'dec_1',
      saved_usd: 0.002,
      cost_usd: 0.001,
      simulated: true,
      cache: 'miss',
    },
  })
})

test('reads what it knows, keeps the rest for the provider, and keeps our extension out of it', async () => {
  let seen: AnswerInput | undefined
  const url = await start({
    service: scriptedService({
      answer: async (input) => {
        seen = input
        return answeredWith('fine')
      },
    }),
  })

  const response = await postJson(url, {
    model: 'village/magi',
    messages: [
      { role: 'system', content: 'Be short.' },
      { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
      { role: 'user', name: 'ann', content: [{ type: 'text', text: 'Hi' }] },
    ],
    temperature: 0,
    top_p: 0.5,
    max_tokens: 5,
    max_completion_tokens: 7,
    stop: 'END',
    seed: null,
    stream: false,
    tools: [{ type: 'function' }],
    provider: { sort: 'price' },
    village: { verify: { type: 'unit-tests', language: 'javascript', tests: 'check()' } },
  })

  expect(response.status).toBe(200)
  expect(seen).toEqual({
    requestedModel: 'village/magi',
    tenant: 'key_1',
    streamed: false,
    decisionId: expect.stringMatching(/^dec_/),
    verifier: { type: 'unit-tests', language: 'javascript', tests: 'check()' },
    request: {
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'assistant', content: null, extra: { tool_calls: [{ id: 'call_1' }] } },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }], extra: { name: 'ann' } },
      ],
      sampling: { temperature: 0, topP: 0.5, maxTokens: 7, stop: ['END'] },
      extra: { tools: [{ type: 'function' }], provider: { sort: 'price' } },
    },
  })
})

test('streams a role, the text as it comes, a finish with the village block, and [DONE]', async () => {
  const url = await start({})

  const response = await postJson(url, { ...hello, stream: true })

  const lines = await readLines(response)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(lines.at(-1)).toBe('data: [DONE]')
  const chunks = lines.slice(0, -1).map(chunkOf)
  expect(chunks.map(({ choices }) => choices)).toEqual([
    [choice({ role: 'assistant', content: '', refusal: null }, null)],
    [choice({ content: 'Hello' }, null)],
    [choice({ content: ' there' }, null)],
    [choice({}, 'stop')],
  ])
  expect(chunks.at(-1)).toMatchObject({ village: { decision_id: 'dec_1' }, model: 'local/king' })
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
})

function choice(delta: object, reason: string | null) {
  return { index: 0, delta, logprobs: null, finish_reason: reason }
}

test('puts usage and the village block on a last chunk of its own when usage is asked for', async () => {
  const url = await start({})

  const response = await postJson(url, {
    ...hello,
    stream: true,
    stream_options: { include_usage: true },
  })

  const chunks = (await readLines(response)).slice(0, -1).map(chunkOf)
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { total_tokens: 15 },
    village: { decision_id: 'dec_1' },
  })
  expect(chunks.slice(0, -1).some((chunk) => 'usage' in chunk)).toBe(false)
})

test('sends the first text before the answer is whole', async () => {
  const rest = Promise.withResolvers<void>()
  const url = await start({
    service: scriptedService({
      stream: async function* () {
        yield { type: 'text', text: 'early' }
        await rest.promise
        yield { type: 'answered', answered: answeredWith('early') }
      },
    }),
  })

  const response = await postJson(url, { ...hello, stream: true })
  const reader = readerOf(response)
  const first = await reader.read()

  expect(first.value).toContain('"content":"early"')
  rest.resolve()
  await reader.cancel()
})

test('aborts the call when the client of a stream goes away', async () => {
  const aborted = Promise.withResolvers<string>()
  const url = await start({
    service: scriptedService({
      stream: async function* (_input, { signal }) {
        yield { type: 'text', text: 'one' }
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.resolve('aborted')
            reject(signal.reason as Error)
          })
        })
      },
    }),
  })
  const client = new AbortController()
  const response = await postJson(url, { ...hello, stream: true }, { signal: client.signal })
  await readerOf(response).read()

  client.abort()

  expect(await aborted.promise).toBe('aborted')
})

test('aborts the call, and reports nothing, when the client of a whole answer goes away', async () => {
  const called = Promise.withResolvers<AbortSignal>()
  const reports: string[] = []
  const report = (_details: object, message: string): void => void reports.push(message)
  const over = Promise.withResolvers<void>()
  const url = await start({
    logger: { error: report, warn: report },
    service: scriptedService({
      answer: (_input, { signal }) => {
        called.resolve(signal)
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error)
            setImmediate(() => over.resolve())
          })
        })
      },
    }),
  })
  const client = new AbortController()
  const response = postJson(url, hello, { signal: client.signal })
  const signal = await called.promise

  client.abort()

  await expect(response).rejects.toThrow('aborted')
  await over.promise
  expect(signal.aborted).toBe(true)
  expect(reports).toEqual([])
})

test('waits for a slow reader instead of piling up the answer in memory', async () => {
  let produced = 0
  const url = await start({
    service: scriptedService({
      stream: async function* () {
        for (; produced < 2000; produced += 1) yield { type: 'text', text: 'x'.repeat(100_000) }
        yield { type: 'answered', answered: answeredWith('') }
      },
    }),
  })
  const response = await postJson(url, { ...hello, stream: true })
  const reader = readerOf(response)
  await reader.read()

  let before = -1
  while (before !== produced) {
    before = produced
    for (let turn = 0; turn < 200; turn += 1) await new Promise((next) => setImmediate(next))
  }

  expect(produced).toBeLessThan(1000)
  await reader.cancel()
})
