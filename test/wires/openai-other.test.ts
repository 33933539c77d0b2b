import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWireVillage, type WireVillage } from './wire-village.ts'

let village: WireVillage
let client: OpenAI

beforeAll(async () => {
  village = await startWireVillage()
  client = new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 0 })
})
afterAll(() => village[Symbol.asyncDispose]())

function ask(text: string) {
  return [{ role: 'user' as const, content: text }]
}

type WithVillage = { village: { route: string; reason: string; decision_id: string } }

function villageOf(answer: object): WithVillage['village'] {
  return (answer as WithVillage).village
}

test('who leaves in mid-stream ends the upstream call, and the cost is in the ledger', async () => {
  const abandoned = village.frontier.abandoned()
  const stream = await client.chat.completions.create({
    model: 'vendor/king',
    messages: ask('please hang'),
    stream: true,
  })
  let id = ''
  for await (const chunk of stream) {
    ;({ id } = chunk)
    if (chunk.choices[0]?.delta.content === 'You ') break
  }
  const sent = village.frontier.bodies.at(-1)
  await abandoned

  const generation = await eventually(() => client.get<Generation>(`/generation?id=${id}`))

  expect(sent).toMatchObject({ stream: true })
  expect(generation.data).toMatchObject({
    cancelled: true,
    model: 'vendor/king',
    tokens_completion: 1,
    total_cost: expect.closeTo(5e-6),
  })
  const [interaction] = await village.store.ledger.list('interaction', {
    newestFirst: true,
    limit: 1,
  })
  expect(interaction).toMatchObject({ cancelled: true, agent: null })
})

type Generation = { data: { cancelled: boolean; model: string; total_cost: number } }

async function eventually<Result>(read: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      if (attempt === 1000) throw error
      await new Promise((next) => setImmediate(next))
    }
  }
}

test('an answer is found again by its id, with its cost', async () => {
  const answer = await client.chat.completions.create({ model: 'village', messages: ask('hello') })

  const generation = await client.get<Generation>(`/generation?id=${answer.id}`)
  const missing = client.get('/generation?id=chatcmpl_none')

  expect(generation.data).toMatchObject({
    id: answer.id,
    model: 'vendor/king',
    total_cost: 0.000_5,
    upstream_id: 'gen-1',
    cancelled: false,
  })
  await expect(missing).rejects.toThrow(NotFoundError)
})

test('texts become vectors, as base64 or as numbers', async () => {
  const packed = await client.embeddings.create({ model: 'vendor/embed', input: ['a', 'bcd'] })
  const plain = await client.embeddings.create({
    model: 'vendor/embed',
    input: 'a',
    encoding_format: 'float',
    dimensions: 3,
  })

  expect(packed.data.map(({ embedding }) => Array.from(embedding))).toEqual([
    [1, 0.5, -0.25],
    [3, 0.5, -0.25],
  ])
  expect(plain.data[0]?.embedding).toEqual([1, 0.5, -0.25])
  expect(village.frontier.bodies.at(-1)).toMatchObject({ dimensions: 3 })
  const { decision_id: id } = villageOf(plain)
  expect(await village.store.ledger.get('decision', id)).toMatchObject({
    kind: 'embeddings',
    cost: 10_000,
  })
})

test('the first endpoint of all still answers, whole and streamed', async () => {
  const whole = await client.completions.create({
    model: 'vendor/king',
    prompt: 'once upon',
    echo: true,
    logprobs: 1,
  })
  const stream = await client.completions.create({
    model: 'vendor/king',
    prompt: 'once upon',
    stream: true,
  })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? ''

  expect(whole.object).toBe('text_completion')
  expect(whole.choices[0]?.text).toBe('once uponYou said: once upon')
  expect(whole.choices[0]?.logprobs?.tokens).toHaveLength(4)
  expect(text).toBe('You said: once upon')
})

test('models are filtered, and an unknown one brings close names', async () => {
  const found = await client.get<{ data: { id: string }[] }>('/models', {
    query: { context: 100_000, supported_parameters: 'tools', max_price: 1, q: 'vendor/' },
  })
  const dear = await client.get<{ data: unknown[] }>('/models', { query: { min_price: 100 } })
  const unknown = client.models.retrieve('vendor/kin')

  expect(found.data.map(({ id }) => id)).toContain('vendor/king')
  expect(dear.data).toEqual([])
  await expect(unknown).rejects.toThrow(/vendor\/king/)
})

test('an upstream refusal arrives as an error of the package', async () => {
  const whole = client.chat.completions.create({ model: 'vendor/refuses', messages: ask('x') })
  const response = client.responses.create({ model: 'vendor/refuses', input: 'x', stream: true })

  await Promise.all([
    expect(whole).rejects.toThrow(BadRequestError),
    expect(response).rejects.toThrow(APIError),
  ])
})
