import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
} from '@anthropic-ai/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWireVillage, type WireVillage } from './wire-village.ts'

let village: WireVillage
let client: Anthropic

beforeAll(async () => {
  village = await startWireVillage()
  client = new Anthropic({ baseURL: village.url, apiKey: village.key, maxRetries: 0 })
})
afterAll(() => village[Symbol.asyncDispose]())

const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather in a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

function ask(text: string): Anthropic.MessageParam[] {
  return [{ role: 'user', content: text }]
}

test('answers a message, with usage as Anthropic counts it and the village block', async () => {
  const message = await client.messages.create({
    model: 'village',
    max_tokens: 100,
    system: 'Be short.',
    messages: ask('hello'),
    stop_sequences: ['END'],
    metadata: { user_id: 'ann' },
    ...({ top_k: 5 } as object),
  })

  expect(message).toMatchObject({
    id: expect.stringMatching(/^msg_/),
    type: 'message',
    role: 'assistant',
    model: 'vendor/king',
    content: [{ type: 'text', text: 'You said: hello' }],
    stop_reason: 'end_turn',
    usage: {
      input_tokens: 13,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 2,
      output_tokens: 8,
    },
    village: { route: 'frontier', decision_id: expect.stringMatching(/^dec_/) },
  })
  expect(village.frontier.bodies.at(-1)).toMatchObject({
    max_tokens: 100,
    stop: ['END'],
    top_k: 5,
    user: 'ann',
    messages: [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: 'hello' },
    ],
  })
})

test('streams a message with thinking, text and usage', async () => {
  const stream = client.messages.stream({
    model: 'vendor/king',
    max_tokens: 2000,
    thinking: { type: 'enabled', budget_tokens: 1024 },
    messages: ask('hello'),
  })
  const types: string[] = []
  stream.on('streamEvent', (event) => types.push(event.type))

  const message = await stream.finalMessage()

  expect(message.content).toMatchObject([
    { type: 'thinking', thinking: 'Let me think.', signature: 'sig-1' },
    { type: 'text', text: 'You said: hello' },
  ])
  expect(message.stop_reason).toBe('end_turn')
  expect(message.usage).toMatchObject({ input_tokens: 13, output_tokens: 8 })
  expect(types[0]).toBe('message_start')
  expect(types.at(-1)).toBe('message_stop')
  expect(village.frontier.bodies.at(-1)).toMatchObject({ reasoning: { max_tokens: 1024 } })
})

test('tools make a round trip, with the thinking that came before them', async () => {
  const first = await client.messages
    .stream({
      model: 'village',
      max_tokens: 500,
      tools: [weather],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      messages: ask('Weather?'),
    })
    .finalMessage()
  const calls = first.content.filter((block) => block.type === 'tool_use')
  const sent = village.frontier.bodies.at(-1)

  const second = await client.messages.create({
    model: 'village',
    max_tokens: 500,
    tools: [weather],
    messages: [
      ...ask('Weather?'),
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'I must look.', signature: 'sig-2' },
          ...first.content,
        ],
      },
      {
        role: 'user',
        content: calls.map((call) => ({
          type: 'tool_result' as const,
          tool_use_id: call.id,
          content: [{ type: 'text' as const, text: '21 degrees' }],
        })),
      },
    ],
  })

  expect(first.stop_reason).toBe('tool_use')
  expect(calls.map(({ name, input }) => ({ name, input }))).toEqual([
    { name: 'get_weather', input: { city: 'Oslo' } },
    { name: 'get_weather', input: { city: 'Rome' } },
  ])
  expect(sent).toMatchObject({ tool_choice: 'required', parallel_tool_calls: false })
  expect(second.content).toMatchObject([{ type: 'text', text: 'The tool says: 21 degrees' }])
  expect(village.frontier.bodies.at(-1)?.['messages']).toMatchObject([
    { role: 'system' },
    { role: 'user' },
    {
      role: 'assistant',
      reasoning_details: [{ type: 'reasoning.text', text: 'I must look.', signature: 'sig-2' }],
      tool_calls: [{ id: 'call_0', function: { arguments: '{"city":"Oslo"}' } }, { id: 'call_1' }],
    },
    { role: 'tool', tool_call_id: 'call_0' },
    { role: 'tool', tool_call_id: 'call_1' },
  ])
})

test('the arguments of a streamed call come piece by piece', async () => {
  const stream = await client.messages.create({
    model: 'village',
    max_tokens: 500,
    stream: true,
    tools: [weather],
    messages: ask('Weather?'),
  })
  const pieces = new Map<number, string>()
  const stopped: number[] = []
  for await (const event of stream) {
    if (event.type === 'content_block_stop') stopped.push(event.index)
    if (event.type !== 'content_block_delta' || event.delta.type !== 'input_json_delta') continue
    pieces.set(event.index, (pieces.get(event.index) ?? '') + event.delta.partial_json)
  }

  expect([...pieces]).toEqual([
    [0, '{"city":"Oslo"}'],
    [1, '{"city":"Rome"}'],
  ])
  expect(stopped).toEqual([0, 1])
})

test('an image and a document reach the model', async () => {
  const image = await client.messages.create({
    model: 'village',
    max_tokens: 100,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'A text' } },
          {
            type: 'document',
            title: 'a.pdf',
            source: { type: 'base64', media_type: 'application/pdf', data: 'QUJD' },
          },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
        ],
      },
    ],
  })

  expect(image.content).toMatchObject([{ text: 'I see data:image/png;base64,' }])
  expect(image).toMatchObject({
    village: { reason: 'Frontier: the local model cannot read a file.' },
  })
  expect(village.frontier.bodies.at(-1)?.['messages']).toMatchObject([
    { role: 'system' },
    {
      content: [
        { type: 'text', text: 'A text' },
        {
          type: 'file',
          file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,QUJD' },
        },
        { type: 'image_url' },
      ],
    },
  ])
})

test('an answer is held to a schema', async () => {
  const message = await client.messages.create({
    model: 'village',
    max_tokens: 100,
    messages: ask('Weather'),
    output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
  })

  expect(message.content).toMatchObject([{ text: '{"city":"Oslo","celsius":21}' }])
})

test('errors are those of the package', async () => {
  const stranger = client.withOptions({ apiKey: 'vk-wrong' })
  const request = { model: 'village', max_tokens: 10, messages: ask('x') }

  await expect(stranger.messages.create(request)).rejects.toThrow(AuthenticationError)
  await expect(client.messages.create({ ...request, model: 'vendor/kin' })).rejects.toThrow(
    NotFoundError,
  )
  const misshapen = client.messages.create({ ...request, messages: [] })
  await expect(misshapen).rejects.toThrow(BadRequestError)
  await expect(misshapen).rejects.toMatchObject({
    error: { type: 'error', error: { type: 'invalid_request_error' } },
  })
  const refused = client.messages.create({ ...request, model: 'vendor/refuses', stream: true })
  await expect(refused).rejects.toThrow(APIError)
})

test('a failure in mid-stream is raised, not taken for an end', async () => {
  const stream = client.messages.stream({
    model: 'vendor/king',
    max_tokens: 100,
    messages: ask('please break'),
  })

  await expect(stream.finalMessage()).rejects.toThrow(/disconnected/)
})
