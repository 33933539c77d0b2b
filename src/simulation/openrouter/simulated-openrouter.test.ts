import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lastUserText } from '../../kernel/chat.ts'
import { seededRandom } from '../../kernel/random.ts'
import { magiSqlSelect } from '../families/magi-sql-select.ts'
import { answerFor } from './simulated-answer.ts'
import { startSimulatedOpenRouter } from './simulated-openrouter.ts'
import type { SimulatedOpenRouter } from './simulated-openrouter.ts'

const seed = 4
const sonnet = 'anthropic/claude-3.5-sonnet'
const task = magiSqlSelect.make(seededRandom(2))
const prompt = lastUserText(task.messages)
let server: SimulatedOpenRouter
let client: OpenAI

beforeAll(async () => {
  server = await startSimulatedOpenRouter({ seed, latency: 'counted' })
  client = new OpenAI({ baseURL: server.url, apiKey: 'sk-or-v1-test', maxRetries: 0 })
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
  expect(new Set(shapes)).toEqual(new Set([0, 1]))
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
