import OpenAI from 'openai'
import { Client } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../kernel/random.ts'
import { magiSqlSelect } from '../families/magi-sql-select.ts'
import { answerFor } from './simulated-answer.ts'
import { startSimulatedOpenRouter } from './simulated-openrouter.ts'
import type { SimulatedOpenRouter } from './simulated-openrouter.ts'

const seed = 4
const sonnet = 'anthropic/claude-3.5-sonnet'
const task = magiSqlSelect.make(seededRandom(2))
const prompt = String(task.messages[0]?.content)
let server: SimulatedOpenRouter
let client: OpenAI

beforeAll(async () => {
  server = await startSimulatedOpenRouter({ seed, latency: 'counted' })
  client = new OpenAI({ baseURL: server.url, apiKey: 'sk-or-v1-test', maxRetries: 0 })
})

afterEach(async () => {
  await fetch(`${server.controlUrl}/faults`, { method: 'DELETE' })
})

afterAll(async () => {
  await server.close()
})

function post(body: object, key = 'sk-or-v1-test'): Promise<Response> {
  return fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  })
}

const question = { model: sonnet, messages: [{ role: 'user', content: prompt }] }

test('answers the official client with the family’s solution, marked simulated', async () => {
  const answer = await client.chat.completions.create({
    model: sonnet,
    messages: [{ role: 'user', content: prompt }],
  })

  expect(answer.choices[0]?.message.content).toBe(task.truth.reference)
  expect(answer).toMatchObject({
    model: sonnet,
    provider: 'Simulated',
    system_fingerprint: 'simulated',
    choices: [{ finish_reason: 'stop', native_finish_reason: 'stop' }],
  })
})

test('streams the same text to the official client, with usage at the end', async () => {
  const stream = await client.chat.completions.create({
    model: sonnet,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
  })
  let text = ''
  let tokens = 0
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    tokens = chunk.usage?.total_tokens ?? tokens
  }

  expect(text).toBe(task.truth.reference)
  expect(tokens).toBe(Math.ceil(prompt.length / 4) + Math.ceil(text.length / 4))
})

test('sends signs of life first and both documented shapes of the usage chunk', async () => {
  const first = await (await post({ ...question, stream: true })).text()
  const second = await (await post({ ...question, stream: true })).text()

  expect(first).toMatch(/^: OPENROUTER PROCESSING\n\n/)
  expect(first.endsWith('data: [DONE]\n\n')).toBe(true)
  const shapes = [first, second].map((text) => {
    const line = text.split('\n').find((candidate) => candidate.includes('"usage"')) ?? ''
    return (JSON.parse(line.slice('data: '.length)) as { choices: unknown[] }).choices.length
  })
  expect(shapes.toSorted()).toEqual([0, 1])
})

test('says that it is simulated and cannot answer what is of no family', async () => {
  const reply = await post({ model: sonnet, messages: [{ role: 'user', content: 'Tell a joke' }] })

  const body = (await reply.json()) as { choices: { message: { content: string } }[] }

  expect(body.choices[0]?.message.content).toMatch(/simulated .* cannot answer/)
})

test('bills o1-mini’s hidden reasoning as completion tokens, at the listed prices', async () => {
  const reply = await post({ ...question, model: 'openai/o1-mini-2024-09-12' })

  const { usage } = (await reply.json()) as {
    usage: {
      prompt_tokens: number
      completion_tokens: number
      cost: number
      completion_tokens_details: { reasoning_tokens: number }
    }
  }

  const reasoningTokens = usage.completion_tokens_details.reasoning_tokens
  expect(reasoningTokens % 64).toBe(0)
  expect(usage.completion_tokens).toBeGreaterThan(reasoningTokens)
  expect(usage.cost).toBeCloseTo(usage.prompt_tokens * 1.1e-6 + usage.completion_tokens * 4.4e-6, 9)
})

test('cuts an answer at max_tokens and says so', async () => {
  const reply = await post({ ...question, max_tokens: 5 })

  const body = (await reply.json()) as { choices: { finish_reason: string; message: object }[] }

  expect(body.choices[0]).toMatchObject({
    finish_reason: 'length',
    message: { content: task.truth.reference.slice(0, 20) },
  })
})

test('gives the same answers for the same seed in any order, and counts the latency', async () => {
  const other = await startSimulatedOpenRouter({ seed, latency: 'counted' })
  await (await fetch(`${other.url}/models`)).text()

  const replies = await Promise.all(
    [server, other].map((each) =>
      fetch(`${each.url}/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer test' },
        body: JSON.stringify(question),
      }),
    ),
  )

  const expected = answerFor({ model: sonnet, prompt, seed })
  const latencies = replies.map((reply) => Number(reply.headers.get('x-simulated-latency-ms')))
  expect(latencies).toEqual([expected.latencyMs, expected.latencyMs])
  expect(expected.latencyMs).toBeGreaterThan(400)
  await other.close()
})

test('uses the next model of a fallback list and names it in the answer', async () => {
  await order({ fault: '502', model: sonnet })

  const reply = await post({ ...question, models: ['a/unknown', 'microsoft/phi-4'] })

  expect(reply.status).toBe(200)
  expect(await reply.json()).toMatchObject({ model: 'microsoft/phi-4' })
})

test('lists as distillable what may be trained on, and says it nowhere else', async () => {
  const list = async (query: string): Promise<readonly { readonly id: string }[]> => {
    const reply = await fetch(`${server.url}/models${query}`)
    return ((await reply.json()) as { data: { id: string }[] }).data
  }

  const [all, yes, no] = await Promise.all([
    list(''),
    list('?distillable=true'),
    list('?distillable=false'),
  ])

  const ids = yes.map((model) => model.id)
  expect(ids).toContain('nvidia/llama-3.1-nemotron-70b-instruct')
  expect(ids).toContain('mistralai/mistral-small-3.2-24b-instruct')
  expect(no.map((model) => model.id)).toEqual(
    expect.arrayContaining([sonnet, 'openai/o1-mini-2024-09-12']),
  )
  expect(all.length).toBe(yes.length + no.length)
  expect(JSON.stringify(all)).not.toContain('distillable')
})

test.each([
  [401, 'sk-bad-key', question, 'User not found.'],
  [400, 'k', { ...question, model: 'no/such' }, 'no/such is not a valid model ID'],
  [400, 'k', { model: sonnet }, 'Invalid request parameters'],
  [402, 'k', { ...question, max_tokens: 1e12 }, 'This request requires more credits'],
  [
    404,
    'k',
    { ...question, model: 'openai/o1-mini-2024-09-12', tools: [{}] },
    'No endpoints found that support tool use',
  ],
] as const)('answers %i as the provider does', async (status, key, body, message) => {
  const reply = await post(body, key)

  expect(reply.status).toBe(status)
  expect(await reply.json()).toMatchObject({
    error: { code: status, message: expect.stringContaining(message) as string },
  })
})

test('refuses everything once the credits are spent', async () => {
  const poor = await startSimulatedOpenRouter({ seed, latency: 'counted', creditsUsd: 0 })

  const reply = await fetch(`${poor.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer test' },
    body: JSON.stringify(question),
  })

  expect(reply.status).toBe(402)
  await poor.close()
})

test('tells what a generation cost, and adds it to the key’s usage', async () => {
  const reply = await post(question)
  const { usage } = (await reply.json()) as { usage: { cost: number } }
  const id = reply.headers.get('x-generation-id') ?? ''
  const headers = { authorization: 'Bearer sk-or-management-1' }

  const generation = await fetch(`${server.url}/generation?id=${id}`, { headers })
  const credits = await fetch(`${server.url}/credits`, { headers })

  expect(await generation.json()).toMatchObject({ data: { id, total_cost: usage.cost } })
  const { data } = (await credits.json()) as { data: { total_usage: number } }
  expect(data.total_usage).toBeGreaterThanOrEqual(usage.cost)
})

async function order(fault: object): Promise<void> {
  await fetch(`${server.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) })
}

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
