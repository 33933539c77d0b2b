import { Client } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { lastUserText } from '../../kernel/chat.ts'
import { seededRandom } from '../../kernel/random.ts'
import { magiSqlSelect } from '../families/magi-sql-select.ts'
import { startSimulatedOpenRouter } from './simulated-openrouter.ts'
import type { SimulatedOpenRouter } from './simulated-openrouter.ts'

const sonnet = 'anthropic/claude-3.5-sonnet'
const prompt = lastUserText(magiSqlSelect.make(seededRandom(2)).messages)
const question = { model: sonnet, messages: [{ role: 'user', content: prompt }] }
let server: SimulatedOpenRouter

beforeAll(async () => {
  server = await startSimulatedOpenRouter({ seed: 4, latency: 'counted' })
})

afterEach(async () => {
  await fetch(`${server.controlUrl}/faults`, { method: 'DELETE' })
})

afterAll(async () => {
  await server.close()
})

function post(body: object): Promise<Response> {
  return fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-or-v1-test' },
    body: JSON.stringify(body),
  })
}

async function order(fault: object): Promise<void> {
  await fetch(`${server.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) })
}

test('uses the next model of a fallback list and names it in the answer', async () => {
  await order({ fault: '502', model: sonnet })

  const reply = await post({ ...question, models: ['a/unknown', 'microsoft/phi-4'] })

  expect(reply.status).toBe(200)
  expect(await reply.json()).toMatchObject({ model: 'microsoft/phi-4' })
})

test('answers the ordered faults as often as ordered, for the ordered model', async () => {
  await order({ fault: '429', model: sonnet, count: 2, retryAfterSeconds: 7 })

  const other = await post({ ...question, model: 'microsoft/phi-4' })
  const limited = [await post(question), await post(question)]
  const after = await post(question)

  expect([other.status, limited[0]?.status, limited[1]?.status, after.status]).toEqual([
    200, 429, 429, 200,
  ])
  expect(limited[0]?.headers.get('retry-after')).toBe('7')
  expect(await limited[0]?.json()).toMatchObject({
    error: { metadata: { headers: { 'X-RateLimit-Remaining': '0' } } },
  })
})

test('hides the upstream’s own reason in the metadata of a 502', async () => {
  await order({ fault: '502' })

  const reply = await post(question)

  expect(await reply.json()).toMatchObject({
    error: {
      code: 502,
      message: 'Provider returned error',
      metadata: { raw: expect.stringContaining('down') as string, provider_name: 'Simulated' },
    },
  })
})

test('breaks a stream off with an error chunk after some text', async () => {
  await order({ fault: 'mid-stream-error' })

  const text = await (await post({ ...question, stream: true })).text()

  expect(text).toContain('"content":"SELECT')
  expect(text).toContain('"finish_reason":"error"')
  expect(text).not.toContain('[DONE]')
})

test('ends a truncated stream without a finish', async () => {
  await order({ fault: 'truncated-stream' })

  const text = await (await post({ ...question, stream: true })).text()

  expect(text).toContain('"content":"SELECT')
  expect(text).not.toContain('"finish_reason":"stop"')
})

test('cuts a whole answer short of its announced length', async () => {
  await order({ fault: 'truncated-stream' })

  const reply = await post(question)

  await expect(reply.text()).rejects.toThrow(/terminated|aborted|closed/)
})

test('sends JSON that cannot be read, and empty answers that cost nothing', async () => {
  await order({ fault: 'bad-json' })
  await order({ fault: 'empty' })

  const bad = await (await post(question)).text()
  const empty = await (await post(question)).json()

  expect(() => JSON.parse(bad) as unknown).toThrow(SyntaxError)
  expect(empty).toMatchObject({
    choices: [{ finish_reason: null, message: { content: '' } }],
    usage: { completion_tokens: 0, cost: 0 },
  })
})

test('resets the connection', async () => {
  await order({ fault: 'reset' })
  const raw = new Client(new URL(server.url).origin)

  const failed = raw.request({
    path: '/api/v1/chat/completions',
    method: 'POST',
    headers: { authorization: 'Bearer test' },
    body: JSON.stringify(question),
  })

  await expect(failed).rejects.toThrow(/ECONNRESET|closed|reset/)
  await raw.destroy()
})

test('refuses an order for a fault that it does not know', async () => {
  const reply = await fetch(`${server.controlUrl}/faults`, {
    method: 'POST',
    body: JSON.stringify({ fault: 'meteor' }),
  })

  expect(reply.status).toBe(400)
})
