import OpenAI, { APIError, RateLimitError } from 'openai'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { DecisionTrail } from '../src/http/contract.ts'
import { startSimulatedOpenRouter } from '../src/simulation/openrouter/simulated-openrouter.ts'
import type { SimulatedOpenRouter } from '../src/simulation/openrouter/simulated-openrouter.ts'
import { startVillage } from './start-village.ts'
import type { StartedVillage } from './start-village.ts'

/** The village reaches this provider over its wire as it would reach the real one, with a key. */
const model = 'qwen/qwen-2.5-72b-instruct'
const bodyLimitBytes = 200_000
const attempts = 3
const messages = [
  {
    role: 'user' as const,
    content:
      'Sort this support message, give queue and priority as JSON: The desk lamp keeps freezing. Thank you.',
  },
]

let provider: SimulatedOpenRouter
let village: StartedVillage
let client: OpenAI

beforeAll(async () => {
  provider = await startSimulatedOpenRouter({ seed: 7, latency: 'counted' })
  village = await startVillage({
    settings: { server: { bodyLimitBytes }, frontier: { requestsPerMinute: 10_000, attempts } },
    environment: { OPENROUTER_API_KEY: 'sk-or-v1-test', OPENROUTER_BASE_URL: provider.url },
  })
  client = new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 0 })
})

afterEach(async () => {
  await fetch(`${provider.controlUrl}/faults`, { method: 'DELETE' })
})

afterAll(async () => {
  await village[Symbol.asyncDispose]()
  await provider.close()
})

type FaultOrder = {
  readonly fault: string
  readonly count?: number
  readonly retryAfterSeconds?: number
}

async function order(fault: FaultOrder): Promise<void> {
  const response = await fetch(`${provider.controlUrl}/faults`, {
    method: 'POST',
    body: JSON.stringify({ ...fault, model }),
  })
  expect(response.status).toBe(200)
}

async function faultsLeft(): Promise<readonly unknown[]> {
  const response = await fetch(`${provider.controlUrl}/faults`)
  return ((await response.json()) as { faults: readonly unknown[] }).faults
}

function ask(): Promise<OpenAI.ChatCompletion> {
  return client.chat.completions.create({ model, messages })
}

/** What a client has of a stream before it raises. */
async function readStream(): Promise<{ readonly text: string; readonly error: unknown }> {
  let text = ''
  try {
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  } catch (error) {
    return { text, error }
  }
  return { text, error: null }
}

test('waits as long as a 429 asks for and then answers', async () => {
  await order({ fault: '429', retryAfterSeconds: 2 })
  const startedAt = performance.now()

  const answer = await ask()

  expect(answer.choices[0]?.message.content).toContain('technical')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2_000)
  expect(await faultsLeft()).toEqual([])
})

test('passes a 429 on with its Retry-After when it asks for too long a wait', async () => {
  await order({ fault: '429', retryAfterSeconds: 3_600 })

  const error = await ask().catch((reason: unknown) => reason)

  expect(error).toBeInstanceOf(RateLimitError)
  expect(Number((error as RateLimitError).headers?.get('retry-after'))).toBeGreaterThan(3_500)
})

test.each([
  ['500', 'Internal Server Error'],
  ['502', 'The simulated upstream is down.'],
  ['529', 'The simulated upstream is overloaded.'],
])('tells the reason of an upstream that goes on failing with %s', async (fault, reason) => {
  await order({ fault, count: attempts })

  const error = await ask().catch((raised: unknown) => raised)

  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({ status: 502, type: 'server_error', code: 'upstream_error' })
  expect((error as APIError).message).toContain(reason)
  expect(await faultsLeft()).toEqual([])
})

test.each(['500', 'reset', 'truncated-stream', 'bad-json', 'empty', 'mid-stream-error'])(
  'a whole answer survives one %s, and the trail shows one call',
  async (fault) => {
    await order({ fault })

    const answer = await ask()

    expect(answer.choices[0]?.message.content).toContain('technical')
    expect(await faultsLeft()).toEqual([])
    const { village: block } = answer as unknown as { village: { decision_id: string } }
    const trail = await get<DecisionTrail>(`/village/decisions/${block.decision_id}`)
    expect(trail.interactions).toMatchObject([{ purpose: 'serve', error: null }])
  },
)

test.each(['reset', 'truncated-stream', 'bad-json', 'empty', 'mid-stream-error'])(
  'a whole answer that goes on failing with %s is an error and never an empty success',
  async (fault) => {
    await order({ fault, count: attempts })

    const error = await ask().catch((raised: unknown) => raised)

    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status: 502, type: 'server_error' })
    expect((error as APIError).message).toContain(model)
  },
)

test.each(['mid-stream-error', 'truncated-stream'])(
  'a stream broken by %s raises in the client after the text that came',
  async (fault) => {
    await order({ fault })

    const { text, error } = await readStream()

    expect(text).not.toBe('')
    expect(error).toBeInstanceOf(APIError)
    expect((error as APIError).message).toContain(model)
  },
)

test('a stream whose connection is reset before its first word is tried again', async () => {
  await order({ fault: 'reset' })

  const { text, error } = await readStream()

  expect(error).toBeNull()
  expect(text).toContain('technical')
})

test.each([
  ['anthropic/claude-3.5-sonet', 'anthropic/claude-3.5-sonnet'],
  ['village/kng', 'village/king'],
  ['local/sag', 'local/sage'],
])('names models close to the unknown %s', async (unknown, close) => {
  const error = await client.chat.completions
    .create({ model: unknown, messages })
    .catch((raised: unknown) => raised)

  expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
  expect((error as APIError).message).toContain(close)
})

type Refusal = {
  readonly status: number
  readonly error: { readonly message: string; readonly param: string | null; readonly code: string }
}

async function send(request: {
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}): Promise<Refusal> {
  const { path = '/v1/chat/completions', method = 'POST', body } = request
  const response = await fetch(`${village.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${village.key}`,
      'content-type': 'application/json',
      ...request.headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  const reply = (await response.json()) as Pick<Refusal, 'error'>
  expect(Object.keys(reply)).toEqual(['error'])
  expect(Object.keys(reply.error)).toEqual(['message', 'type', 'param', 'code'])
  return { status: response.status, ...reply }
}

const hello = { model: 'village', messages: [{ role: 'user', content: 'Hello' }] }

test.each([
  ['JSON that breaks off', '{"model": "village", ', 'malformed_json'],
  ['no body at all', '', 'malformed_json'],
  ['bytes that are no text', '\u0000\u0001', 'malformed_json'],
])('refuses %s', async (_title, body, code) => {
  const { status, error } = await send({ body })

  expect({ status, code: error.code }).toEqual({ status: 400, code })
})

test.each([
  ['no messages', { model: 'village' }, 'messages'],
  ['messages that are text', { ...hello, messages: 'Hello' }, 'messages'],
  ['an unknown role', { ...hello, messages: [{ role: 'wizard' }] }, 'messages[0].role'],
  ['a model that is a number', { ...hello, model: 4 }, 'model'],
  ['a temperature that is text', { ...hello, temperature: 'hot' }, 'temperature'],
  ['a stream flag that is text', { ...hello, stream: 'yes' }, 'stream'],
])('names the field that has the wrong shape: %s', async (_title, body, param) => {
  const { status, error } = await send({ body: JSON.stringify(body) })

  expect({ status, param: error.param }).toEqual({ status: 400, param })
})

test('refuses a body that is too large, with the limit', async () => {
  const content = 'x'.repeat(bodyLimitBytes)

  const { status, error } = await send({ body: JSON.stringify({ ...hello, content }) })

  expect({ status, code: error.code }).toEqual({ status: 413, code: 'body_too_large' })
  expect(error.message).toContain(String(bodyLimitBytes))
})

test.each([
  ['no key', ''],
  ['a wrong key', 'Bearer vk-wrong'],
  ['a key with a character too few', 'shortened'],
])('refuses %s without repeating it', async (_title, given) => {
  const authorization = given === 'shortened' ? `Bearer ${village.key.slice(0, -1)}` : given

  const { status, error } = await send({ body: JSON.stringify(hello), headers: { authorization } })

  expect(status).toBe(401)
  expect(error.message).not.toContain(village.key.slice(0, -1))
})

test('refuses a route that there is not, and a decision that there is not', async () => {
  const route = await send({ path: '/v1/nothing', body: '{}' })
  const decision = await send({
    path: '/v1/feedback',
    body: JSON.stringify({ decision_id: 'dec_none', rating: 'up' }),
  })

  expect([route.status, decision.status]).toEqual([404, 404])
})

test('says why when the provider cannot be reached at all', async () => {
  await using alone = await startVillage({
    settings: { frontier: { attempts: 2 } },
    environment: { OPENROUTER_API_KEY: 'sk-or-v1-test', OPENROUTER_BASE_URL: unreachable },
  })
  const stranded = new OpenAI({ baseURL: `${alone.url}/v1`, apiKey: alone.key, maxRetries: 0 })

  const error = await stranded.chat.completions
    .create({ model: 'village', messages })
    .catch((raised: unknown) => raised)

  expect(error).toMatchObject({ status: 502, code: 'upstream_unreachable' })
  expect((error as APIError).message).toContain('ECONNREFUSED')
})

/** The discard port of the loopback address, where nothing listens. */
const unreachable = 'http://127.0.0.1:9/api/v1'

test('answers as ever after all of that, and says that nothing of it is simulated', async () => {
  const answer = await client.chat.completions.create({ model: 'village', messages })

  expect(answer.choices[0]?.message.content).toContain('technical')
  expect(answer).toMatchObject({ village: { simulated: false, route: 'frontier' } })
})

async function get<Reply>(path: string): Promise<Reply> {
  const response = await fetch(`${village.url}${path}`, {
    headers: { authorization: `Bearer ${village.key}` },
  })
  expect(response.status).toBe(200)
  return (await response.json()) as Reply
}
