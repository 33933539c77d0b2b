import OpenAI, { BadRequestError } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWireVillage, type WireVillage } from './wire-village.ts'

let village: WireVillage
let client: OpenAI

beforeAll(async () => {
  village = await startWireVillage()
  client = new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 0 })
})
afterAll(() => village[Symbol.asyncDispose]())

const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const weatherTool = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

type WithVillage = { village: { route: string; reason: string; decision_id: string } }

function villageOf(answer: object): WithVillage['village'] {
  return (answer as WithVillage).village
}

test('a response is given whole, with what was asked', async () => {
  const response = await client.responses.create({
    model: 'village',
    instructions: 'Be short.',
    input: 'hello',
    max_output_tokens: 50,
    metadata: { a: 'b' },
  })

  expect(response.output_text).toBe('You said: hello')
  expect(response).toMatchObject({ status: 'completed', instructions: 'Be short.', store: false })
  expect(response.usage).toMatchObject({ input_tokens: 20, output_tokens: 8, total_tokens: 28 })
  expect(village.frontier.bodies.at(-1)).toMatchObject({
    max_tokens: 50,
    metadata: { a: 'b' },
    messages: [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: 'hello' },
    ],
  })
})

test('a response is streamed with all its event types, reasoning first', async () => {
  const stream = client.responses.stream({
    model: 'vendor/king',
    input: 'hello',
    reasoning: { effort: 'low', summary: 'auto' },
  })
  const types: string[] = []
  const numbers: number[] = []
  for await (const event of stream) {
    types.push(event.type)
    numbers.push((event as { sequence_number: number }).sequence_number)
  }

  const response = await stream.finalResponse()

  expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message'])
  expect(response.output_text).toBe('You said: hello')
  expect(new Set(types)).toEqual(
    new Set([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.completed',
    ]),
  )
  expect(numbers).toEqual(numbers.map((_, index) => index))
})

test('a response calls tools and reads their results', async () => {
  const { name, parameters } = weatherTool.function
  const tools = [{ type: 'function' as const, name, parameters, strict: true }]
  const first = await client.responses.create({ model: 'village', input: 'Weather?', tools })
  const calls = first.output.filter((item) => item.type === 'function_call')

  const second = await client.responses.create({
    model: 'village',
    tools,
    input: [
      { role: 'user', content: 'Weather?' },
      ...first.output.map((item) => item as OpenAI.Responses.ResponseInputItem),
      ...calls.map((call) => ({
        type: 'function_call_output' as const,
        call_id: call.call_id,
        output: '21 degrees',
      })),
    ],
  })

  expect(calls.map((call) => JSON.parse(call.arguments) as object)).toEqual([
    { city: 'Oslo' },
    { city: 'Rome' },
  ])
  expect(second.output_text).toBe('The tool says: 21 degrees')
  expect(village.frontier.bodies.at(-1)?.['messages']).toMatchObject([
    { role: 'system' },
    { role: 'user' },
    { role: 'assistant', content: null, tool_calls: [{ id: 'call_0' }, { id: 'call_1' }] },
    { role: 'tool', tool_call_id: 'call_0' },
    { role: 'tool', tool_call_id: 'call_1' },
  ])
})

test('the calls of a streamed response are collected by the package', async () => {
  const { name, parameters } = weatherTool.function
  const stream = client.responses.stream({
    model: 'village',
    input: 'Weather?',
    tools: [{ type: 'function', name, parameters, strict: true }],
  })

  const response = await stream.finalResponse()

  const calls = response.output.filter((item) => item.type === 'function_call')
  expect(calls.map((call) => call.arguments)).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}'])
})

test('a response is held to a schema, and sees an image', async () => {
  const schema = { type: 'object', properties: {}, additionalProperties: false }
  const held = await client.responses.create({
    model: 'village',
    input: 'Weather',
    text: { format: { type: 'json_schema', name: 'weather', schema, strict: true } },
  })
  const seen = await client.responses.create({
    model: 'village',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What?' },
          { type: 'input_image', image_url: pixel, detail: 'auto' },
        ],
      },
    ],
  })

  expect(JSON.parse(held.output_text)).toEqual({ city: 'Oslo', celsius: 21 })
  expect(seen.output_text).toContain('I see data:image/png')
  expect(villageOf(seen).reason).toBe('Frontier: the local model cannot read an image.')
})

test('a response that would have to be kept is refused with the reason', async () => {
  const response = client.responses.create({
    model: 'village',
    input: 'go on',
    previous_response_id: 'resp_1',
  })

  await expect(response).rejects.toThrow(BadRequestError)
  await expect(response).rejects.toMatchObject({ param: 'previous_response_id' })
})
