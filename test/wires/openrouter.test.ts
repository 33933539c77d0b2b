import { OpenRouter } from '@openrouter/sdk'
import { NotFoundResponseError, UnauthorizedResponseError } from '@openrouter/sdk/models/errors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWireVillage, type WireVillage } from './wire-village.ts'

let village: WireVillage
let client: OpenRouter

beforeAll(async () => {
  village = await startWireVillage()
  client = new OpenRouter({
    apiKey: village.key,
    serverURL: `${village.url}/api/v1`,
    retryConfig: { strategy: 'none' },
  })
})
afterAll(() => village[Symbol.asyncDispose]())

const messages = [{ role: 'user' as const, content: 'hello' }]

test('a chat is answered in the shape that the package validates', async () => {
  const answer = await client.chat.send({ chatRequest: { model: 'village', messages } })

  if (!('choices' in answer)) throw new Error('The package took the answer for a stream')
  expect(answer.choices[0]?.message.content).toBe('You said: hello')
  expect(answer.usage).toMatchObject({ totalTokens: 28, cost: 0.000_5 })
})

test('a stream with tools is read chunk by chunk', async () => {
  const stream = await client.chat.send({
    chatRequest: {
      model: 'vendor/king',
      messages,
      stream: true,
      streamOptions: { includeUsage: true },
      tools: [{ type: 'function', function: { name: 'get_weather' } }],
    },
  })

  if ('choices' in stream) throw new Error('The package took the stream for an answer')
  let text = ''
  let cost = 0
  for await (const chunk of stream) {
    for (const call of chunk.choices[0]?.delta.toolCalls ?? []) text += call.function?.arguments
    cost += chunk.usage?.cost ?? 0
  }
  expect(text).toBe('{"city":"Oslo"}{"city":"Rome"}')
  expect(cost).toBe(0.000_5)
})

test('tools make a round trip', async () => {
  const tools = [{ type: 'function' as const, function: { name: 'get_weather' } }]
  const called = await client.chat.send({ chatRequest: { model: 'vendor/king', messages, tools } })
  if (!('choices' in called)) throw new Error('The package took the answer for a stream')
  const calls = called.choices[0]?.message.toolCalls ?? []
  const results = calls.map((call) => ({
    role: 'tool' as const,
    toolCallId: call.id,
    content: call.function.arguments,
  }))

  const answer = await client.chat.send({
    chatRequest: {
      model: 'vendor/king',
      messages: [...messages, { role: 'assistant', toolCalls: calls }, ...results],
      tools,
    },
  })

  expect(results.map(({ content }) => content)).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}'])
  expect(answer).toMatchObject({
    choices: [{ message: { content: 'The tool says: {"city":"Rome"}' } }],
  })
})

test('an answer is held to a schema, and an image is seen', async () => {
  const schema = { type: 'object', properties: { city: { type: 'string' } } }
  const url = 'data:image/png;base64,AAAA'
  const structured = await client.chat.send({
    chatRequest: {
      model: 'village',
      messages,
      responseFormat: { type: 'json_schema', jsonSchema: { name: 'weather', schema } },
    },
  })
  const seen = await client.chat.send({
    chatRequest: {
      model: 'village',
      messages: [{ role: 'user', content: [{ type: 'image_url', imageUrl: { url } }] }],
    },
  })

  expect(structured).toMatchObject({
    choices: [{ message: { content: '{"city":"Oslo","celsius":21}' } }],
  })
  expect(village.frontier.bodies.at(-2)).toMatchObject({
    response_format: { json_schema: { name: 'weather', schema } },
  })
  expect(seen).toMatchObject({
    choices: [{ message: { content: `I see ${url.slice(0, 22)}` } }],
  })
})

test('models are listed page by page, and one is found', async () => {
  const found: string[] = []
  for await (const page of await client.models.list({ limit: 4 })) {
    found.push(...page.result.data.map(({ id }) => id))
    if (page.result.data.length < 4) break
  }

  const one = await client.models.get({ author: 'vendor', slug: 'king' })

  expect(found).toContain('village/king')
  expect(found).toContain('vendor/king')
  expect(new Set(found).size).toBe(found.length)
  expect(one.data).toMatchObject({ id: 'vendor/king', contextLength: 128_000 })
})

test('a generation tells what an answer cost', async () => {
  const answer = await client.chat.send({ chatRequest: { model: 'village', messages } })
  if (!('choices' in answer)) throw new Error('The package took the answer for a stream')

  const { data } = await client.generations.getGeneration({ id: answer.id })

  expect(data).toMatchObject({ id: answer.id, totalCost: 0.000_5, cancelled: false })
})

test('texts become vectors', async () => {
  const embedded = await client.embeddings.generate({
    requestBody: { model: 'vendor/embed', input: ['a'] },
  })

  expect(embedded).toMatchObject({ data: [{ embedding: [1, 0.5, -0.25] }] })
})

test('a response is given, whole and streamed', async () => {
  const whole = await client.responses.send({
    responsesRequest: { model: 'village', input: 'hello' },
  })
  const stream = await client.responses.send({
    responsesRequest: { model: 'village', input: 'hello', stream: true },
  })

  let text = ''
  for await (const event of stream as AsyncIterable<{ type: string; delta?: string }>) {
    if (event.type === 'response.output_text.delta') text += event.delta
  }
  expect(whole).toMatchObject({ status: 'completed' })
  expect(text).toBe('You said: hello')
})

test('errors are those of the package', async () => {
  const stranger = new OpenRouter({
    apiKey: 'vk-wrong',
    serverURL: `${village.url}/api/v1`,
    retryConfig: { strategy: 'none' },
  })

  const refused = stranger.chat.send({ chatRequest: { model: 'village', messages } })
  await expect(refused).rejects.toThrow(UnauthorizedResponseError)
  const unknown = client.chat.send({ chatRequest: { model: 'vendor/kin', messages } })
  await expect(unknown).rejects.toThrow(NotFoundResponseError)
  await expect(unknown).rejects.toThrow(/vendor\/king/)
})

test('a failure in mid-stream is a chunk with an error', async () => {
  const broken = [{ role: 'user' as const, content: 'please break' }]
  const stream = await client.chat.send({
    chatRequest: { model: 'vendor/king', messages: broken, stream: true },
  })
  if ('choices' in stream) throw new Error('The package took the stream for an answer')

  const errors: unknown[] = []
  for await (const chunk of stream) if (chunk.error !== undefined) errors.push(chunk.error)

  expect(errors).toMatchObject([{ code: 502, message: expect.stringContaining('disconnected') }])
})
