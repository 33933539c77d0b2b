import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVillage, type StartedVillage } from './start-village.ts'

const messages = [
  {
    role: 'user' as const,
    content:
      'Sort this support message, give queue and priority as JSON: Where is my package AB-1234? This is urgent!',
  },
]

/** Our extension of an answer, as a user's program reads it. */
type WithVillage = {
  village: { decision_id: string; route: string; reason: string; simulated: boolean }
}

const triage = { queue: 'shipping', priority: 'high' }

let village: StartedVillage
let client: OpenAI

beforeAll(async () => {
  village = await startVillage()
  client = new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 0 })
})
afterAll(() => village[Symbol.asyncDispose]())

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

test('answers a chat, with the village block beside what the package knows', async () => {
  const { data, response } = await client.chat.completions
    .create({ model: 'village', messages })
    .withResponse()

  expect(JSON.parse(data.choices[0]?.message.content ?? '')).toEqual(triage)
  expect(data.choices[0]?.finish_reason).toBe('stop')
  expect(data.usage?.total_tokens).toBeGreaterThan(0)
  const block = (data as unknown as WithVillage).village
  expect(block.decision_id).toMatch(/^dec_/)
  expect(['local', 'frontier']).toContain(block.route)
  expect(block.reason).not.toBe('')
  expect(block.simulated).toBe(true)
  expect(response.headers.get('x-request-id')).toBe(data.id)
})

test('says plainly that it is simulated where the simulation has no answer', async () => {
  const greeting = [{ role: 'user' as const, content: 'Say hello.' }]

  const answer = await client.chat.completions.create({ model: 'village', messages: greeting })

  expect(answer.choices[0]?.message.content).toMatch(/simulated/i)
})

test('gives the raw reply to who asks for it', async () => {
  const response = await client.chat.completions.create({ model: 'village', messages }).asResponse()

  expect(await response.json()).toHaveProperty('village.decision_id')
})

test('streams text and then the usage', async () => {
  const stream = await client.chat.completions.create({
    model: 'village',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })

  const chunks = await collect(stream)

  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
  const last = chunks.at(-1)
  expect(JSON.parse(text)).toEqual(triage)
  expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
  expect(last?.usage?.completion_tokens).toBeGreaterThan(0)
  expect((last as unknown as WithVillage).village.decision_id).toMatch(/^dec_/)
  expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason)).toContain('stop')
})

test('collects a stream into one completion, as the helper of the package does', async () => {
  const stream = client.chat.completions.stream({ model: 'village', messages })

  const completion = await stream.finalChatCompletion()

  expect(JSON.parse(completion.choices[0]?.message.content ?? '')).toEqual(triage)
  expect(completion.choices[0]?.finish_reason).toBe('stop')
})

test.each([{ model: 'local/king' }, { model: 'local/magi' }])(
  'the real student is held to a schema, whole and streamed: %o',
  async ({ model }) => {
    const schema = {
      type: 'object',
      properties: {
        queue: { enum: ['billing', 'shipping', 'returns'] },
        note: { anyOf: [{ type: 'string', maxLength: 12 }, { type: 'null' }] },
        urgent: { type: 'boolean' },
      },
      required: ['queue', 'urgent'],
      additionalProperties: false,
    }
    const asked = {
      model,
      messages: [{ role: 'user' as const, content: 'My parcel is late. This is urgent!' }],
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'ticket', strict: true, schema },
      },
      n: 2,
    }

    const whole = await client.chat.completions.create(asked)
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion()

    for (const { message } of [...whole.choices, ...streamed.choices]) {
      const ticket = JSON.parse(message.content ?? '') as Record<string, unknown>
      expect(schema.properties.queue.enum).toContain(ticket['queue'])
      expect(typeof ticket['urgent']).toBe('boolean')
    }
    expect([whole.choices.length, streamed.choices.length]).toEqual([2, 2])
    expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content)
  },
)

test('takes feedback on an answer', async () => {
  const answer = await client.chat.completions.create({ model: 'village', messages })
  const decisionId = (answer as unknown as WithVillage).village.decision_id

  const feedback = await client.post('/feedback', {
    body: { decision_id: decisionId, rating: 'up' },
  })

  expect(feedback).toMatchObject({ decision_id: decisionId, rating: 1 })
})

test('lists the models and finds one', async () => {
  const models = await collect(client.models.list())

  const one = await client.models.retrieve('village/king')

  expect(models.map(({ id }) => id)).toContain('village/king')
  expect(one.id).toBe('village/king')
})

test('raises NotFoundError for an unknown model', async () => {
  const answer = client.chat.completions.create({ model: 'no-maker/no-model', messages })

  await expect(answer).rejects.toThrow(NotFoundError)
  await expect(answer).rejects.toMatchObject({ code: 'model_not_found', param: 'model' })
})

test('calls the provider simulated where it refuses, too', async () => {
  const refused = client.chat.completions.create({
    model: 'openai/o1-mini-2024-09-12',
    messages,
    tools: [{ type: 'function', function: { name: 'look_up', parameters: {} } }],
  })

  await expect(refused).rejects.toThrow('The simulated OpenRouter answered 404')
})

test('raises NotFoundError before a stream begins', async () => {
  const answer = client.chat.completions.create({
    model: 'no-maker/no-model',
    messages,
    stream: true,
  })

  await expect(answer).rejects.toThrow(NotFoundError)
})

test('raises AuthenticationError for a wrong key', async () => {
  const stranger = client.withOptions({ apiKey: 'vk-wrong' })

  await expect(stranger.models.list()).rejects.toThrow(AuthenticationError)
})

test('raises BadRequestError that names the field', async () => {
  const answer = client.chat.completions.create({
    model: 'village',
    messages: [{ role: 'wizard' as 'user', content: '' }],
  })

  await expect(answer).rejects.toThrow(BadRequestError)
  await expect(answer).rejects.toMatchObject({ param: 'messages[0].role' })
})

test('ends cleanly on Ctrl-C after whole, streamed and refused answers', async () => {
  const code = await village.stop()

  expect(code).toBe(0)
  expect(village.output()).toContain('Everything is saved.')
})
