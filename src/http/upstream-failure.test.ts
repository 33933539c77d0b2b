import OpenAI, { APIError } from 'openai'
import { expect, onTestFinished, test } from 'vitest'
import { InvalidRequestError, ModelCallError, NotReadyError, StoreError } from '../kernel/errors.ts'
import {
  answeredWith,
  postJson,
  scriptedKey,
  scriptedService,
  startScriptedServer,
} from './scripted-village.ts'

const hello = { model: 'village', messages: [{ role: 'user' as const, content: 'Hello' }] }

async function startFailing(error: unknown, afterText?: string) {
  const reports: { level: string; message: string }[] = []
  const server = await startScriptedServer({
    logger: {
      error: (_details, message) => void reports.push({ level: 'error', message }),
      warn: (_details, message) => void reports.push({ level: 'warn', message }),
    },
    service: scriptedService({
      answer: () => Promise.reject(error),
      stream: async function* () {
        if (afterText !== undefined) yield { type: 'text', text: afterText }
        throw error
      },
    }),
  })
  onTestFinished(() => server.close())
  return { url: `${server.url}/v1/chat/completions`, base: `${server.url}/v1`, reports }
}

const timeout = Object.assign(new Error('no answer in 60 s'), { name: 'HeadersTimeoutError' })

test.each([
  [429, { retryAfterMs: 2500 }, 429, 'rate_limit_exceeded', '3'],
  [402, {}, 402, 'insufficient_quota', null],
  [403, {}, 403, 'upstream_refused', null],
  [400, {}, 400, 'upstream_refused', null],
  [401, {}, 502, 'upstream_error', null],
  [500, {}, 502, 'upstream_error', null],
  [503, { retryAfterMs: 1 }, 502, 'upstream_error', '1'],
  [524, {}, 504, 'upstream_timeout', null],
  [undefined, {}, 502, 'upstream_unreachable', null],
  [undefined, { cause: timeout }, 504, 'upstream_timeout', null],
])(
  'gives on an upstream status %s %j as %i',
  async (status, details, expected, code, retryAfter) => {
    const error = new ModelCallError('The reason of the provider', {
      model: 'm',
      status,
      ...details,
    })
    const { url } = await startFailing(error)

    const whole = await postJson(url, hello)
    const streamed = await postJson(url, { ...hello, stream: true })

    for (const response of [whole, streamed]) {
      expect(response.status).toBe(expected)
      expect(response.headers.get('retry-after')).toBe(retryAfter)
      expect(await response.json()).toMatchObject({
        error: { code, message: 'The reason of the provider' },
      })
    }
  },
)

test.each([
  [new NotReadyError('The village is stopping.'), 503, 'not_ready', 'The village is stopping.'],
  [new StoreError('disk full', { retryable: true }), 503, 'store_failed', 'could not write'],
  [new StoreError('file is no database'), 500, 'store_failed', 'could not write'],
  [new InvalidRequestError('No.', { param: 'x' }), 400, 'invalid_request', 'No.'],
  [new InvalidRequestError('Gone.', { code: 'decision_not_found' }), 404, 'decision_not_found', ''],
])('translates %s', async (error, status, code, message) => {
  const { url } = await startFailing(error)

  const response = await postJson(url, hello)

  expect(response.status).toBe(status)
  expect(response.headers.get('retry-after')).toBe(code === 'not_ready' ? '2' : null)
  const body = (await response.json()) as { error: { message: string } }
  expect(body).toMatchObject({ error: { code } })
  expect(body.error.message).toContain(message)
})

test('tells the client nothing of a bug, and the log everything', async () => {
  const { url, reports } = await startFailing(new TypeError('secret of the inside'))

  const response = await postJson(url, hello)

  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('secret')
  expect(reports).toEqual([{ level: 'error', message: 'A request failed through a bug' }])
})

test('ends a stream that fails midway with an error chunk and without [DONE]', async () => {
  const { url } = await startFailing(
    new ModelCallError('The provider broke off', { model: 'm', status: 500, midStream: true }),
    'half',
  )

  const response = await postJson(url, { ...hello, stream: true })

  const text = await response.text()
  const last = text.trim().split('\n\n').at(-1) ?? ''
  expect(response.status).toBe(200)
  expect(text).not.toContain('[DONE]')
  expect(JSON.parse(last.replace('data: ', ''))).toMatchObject({
    error: { message: 'The provider broke off', code: 'upstream_error' },
    choices: [{ index: 0, delta: {}, finish_reason: 'error' }],
  })
})

test('never lets a stream without its answer look whole', async () => {
  const server = await startScriptedServer({
    logger: { error: () => undefined, warn: () => undefined },
    service: scriptedService({
      stream: async function* () {
        yield { type: 'text', text: 'half' }
      },
    }),
  })
  onTestFinished(() => server.close())

  const response = await postJson(`${server.url}/v1/chat/completions`, { ...hello, stream: true })

  const text = await response.text()
  expect(text).toContain('"code":"internal_error"')
  expect(text).not.toContain('[DONE]')
})

test('makes the official client raise a failure in mid-stream, after the text that came', async () => {
  const { base } = await startFailing(
    new ModelCallError('The provider broke off', { model: 'm', status: 500, midStream: true }),
    'half',
  )
  const client = new OpenAI({ baseURL: base, apiKey: scriptedKey, maxRetries: 0 })
  let text = ''

  const reading = (async () => {
    const stream = await client.chat.completions.create({ ...hello, stream: true })
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  })()

  await expect(reading).rejects.toThrow(APIError)
  await expect(reading).rejects.toThrow('The provider broke off')
  expect(text).toBe('half')
})

test('lets the official client try again by itself after a limit', async () => {
  let calls = 0
  const server = await startScriptedServer({
    service: scriptedService({
      answer: async () => {
        calls += 1
        if (calls > 1) return answeredWith('second time')
        throw new ModelCallError('Slow down', { model: 'm', status: 429 })
      },
    }),
  })
  onTestFinished(() => server.close())
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: scriptedKey })

  const answer = await client.chat.completions.create(hello)

  expect(answer.choices[0]?.message.content).toBe('second time')
})
