import OpenAI, { BadRequestError, NotFoundError, RateLimitError } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
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

function ask(text: string) {
  return [{ role: 'user' as const, content: text }]
}

type WithVillage = { village: { route: string; reason: string; decision_id: string } }

function villageOf(answer: object): WithVillage['village'] {
  return (answer as WithVillage).village
}

test('a tool is called twice in one turn, run, and its results are read', async () => {
  const called: string[] = []
  const runner = client.chat.completions.runTools({
    model: 'village/king',
    messages: ask('What is the weather in Oslo and Rome?'),
    tools: [
      {
        type: 'function',
        function: {
          ...weatherTool.function,
          parse: JSON.parse,
          function: ({ city }: { city: string }) => {
            called.push(city)
            return `21 degrees in ${city}`
          },
        },
      },
    ],
  })

  const final = await runner.finalContent()

  expect(called).toEqual(['Oslo', 'Rome'])
  expect(final).toBe('The tool says: 21 degrees in Rome')
})

test('the deltas of parallel tool calls come as the provider sends them', async () => {
  const stream = client.chat.completions.stream({
    model: 'village/king',
    messages: ask('Weather?'),
    tools: [weatherTool],
    parallel_tool_calls: true,
  })
  const pieces: string[] = []
  stream.on('chunk', (chunk) => {
    for (const call of chunk.choices[0]?.delta.tool_calls ?? []) {
      pieces.push(`${call.index}${call.function?.arguments ?? ''}`)
    }
  })

  const completion = await stream.finalChatCompletion()

  const calls = completion.choices[0]?.message.tool_calls ?? []
  expect(pieces.length).toBeGreaterThan(6)
  expect(completion.choices[0]?.finish_reason).toBe('tool_calls')
  expect(calls.map((call) => call.type === 'function' && call.function)).toMatchObject([
    { name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { name: 'get_weather', arguments: '{"city":"Rome"}' },
  ])
})

test('a tool request goes to the frontier, and the decision says why', async () => {
  const answer = await client.chat.completions.create({
    model: 'village',
    messages: ask('Weather?'),
    tools: [weatherTool],
  })

  expect(villageOf(answer)).toMatchObject({
    route: 'frontier',
    reason: 'Frontier: the local model cannot call tools.',
  })
  expect(answer.choices[0]?.message.content).toBeNull()
})

test('an answer is held to a schema and parsed', async () => {
  const Weather = z.object({ city: z.string(), celsius: z.number() })

  const completion = await client.chat.completions.parse({
    model: 'village/sage',
    messages: ask('Weather as JSON'),
    response_format: zodResponseFormat(Weather, 'weather'),
  })

  expect(completion.choices[0]?.message.parsed).toEqual({ city: 'Oslo', celsius: 21 })
})

test('an image reaches the model', async () => {
  const answer = await client.chat.completions.create({
    model: 'vendor/king',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: pixel, detail: 'low' } },
        ],
      },
    ],
  })

  expect(answer.choices[0]?.message.content).toBe('I see data:image/png;base64,')
})

test('several choices with log-probabilities come back whole', async () => {
  const answer = await client.chat.completions.create({
    model: 'village',
    messages: ask('one two'),
    n: 2,
    logprobs: true,
    top_logprobs: 1,
  })

  expect(answer.choices.map(({ index }) => index)).toEqual([0, 1])
  for (const choice of answer.choices) {
    expect(choice.message.content).toBe('You said: one two')
    expect(choice.logprobs?.content?.map(({ token }) => token).join('')).toBe('You said: one two')
    expect(choice.logprobs?.content?.[0]?.top_logprobs).toHaveLength(1)
  }
  expect(answer.system_fingerprint).toBe('fp_double')
})

test('several choices with log-probabilities come back whole in a stream', async () => {
  const stream = client.chat.completions.stream({
    model: 'vendor/king',
    messages: ask('one two'),
    n: 2,
    logprobs: true,
  })

  const completion = await stream.finalChatCompletion()

  expect(completion.choices.map(({ message }) => message.content)).toEqual([
    'You said: one two',
    'You said: one two',
  ])
  const tokens = completion.choices.map(({ logprobs }) => logprobs?.content?.length)
  expect(tokens).toEqual([4, 4])
})

test('every field that the village does not read reaches the provider untouched', async () => {
  const untouched = {
    frequency_penalty: 0.5,
    presence_penalty: -0.5,
    logit_bias: { '50256': -100 },
    top_k: 40,
    min_p: 0.1,
    top_a: 0.2,
    repetition_penalty: 1.1,
    user: 'ann',
    metadata: { trace: '1' },
    session_id: 's1',
    route: 'fallback',
    transforms: ['middle-out'],
    plugins: [{ id: 'web', max_results: 3 }],
    provider: { order: ['a', 'b'], allow_fallbacks: false },
    reasoning: { effort: 'high' },
    usage: { include: true },
    prediction: { type: 'content', content: 'x' },
    modalities: ['text'],
    service_tier: 'flex',
    prompt_cache_key: 'k',
    verbosity: 'low',
    a_field_of_next_week: { deep: [1, null] },
  }

  await client.post('/chat/completions', {
    body: { model: 'vendor/king', messages: ask('hello'), ...untouched },
  })

  expect(village.frontier.bodies.at(-1)).toMatchObject(untouched)
})

test('listed models are tried in order, and the decision says why each failed', async () => {
  const answer = await client.chat.completions.create({
    model: 'vendor/refuses',
    messages: ask('hello'),
    models: ['vendor/none', 'vendor/limited', 'vendor/king'],
  } as OpenAI.ChatCompletionCreateParamsNonStreaming)

  expect(answer.model).toBe('vendor/king')
  const { reason } = villageOf(answer)
  expect(reason).toContain('vendor/refuses failed: OpenRouter answered 400')
  expect(reason).toContain('vendor/none failed: There is no model named "vendor/none"')
  expect(reason).toContain('vendor/limited failed: OpenRouter answered 429')
  expect(village.frontier.bodies.at(-1)).not.toHaveProperty('models')
})

test('when no listed model answers, the error names each of them', async () => {
  const answer = client.chat.completions.create({
    model: 'village/king',
    messages: ask('hello'),
    models: ['vendor/limited'],
    tools: [weatherTool],
    tool_choice: 'none',
  } as OpenAI.ChatCompletionCreateParamsNonStreaming)
  const failing = client.chat.completions.create({
    model: 'vendor/refuses',
    messages: ask('hello'),
    models: ['vendor/limited'],
  } as OpenAI.ChatCompletionCreateParamsNonStreaming)

  await Promise.all([
    expect(answer).resolves.toMatchObject({ model: 'vendor/king' }),
    expect(failing).rejects.toThrow(RateLimitError),
    expect(failing).rejects.toThrow(/vendor\/refuses failed.*vendor\/limited failed/),
  ])
})

test('when no listed model can be had, the error says of each of them why', async () => {
  const answer = client.chat.completions.create({
    model: 'vendor/none',
    messages: ask('hello'),
    models: ['vendor/nor-this', 'village/king'],
  } as OpenAI.ChatCompletionCreateParamsNonStreaming)

  const error = await answer.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(NotFoundError)
  expect(error).toMatchObject({ param: 'models', code: 'model_not_found' })
  for (const part of [
    'vendor/none failed: There is no model named "vendor/none"',
    'vendor/nor-this failed: There is no model named "vendor/nor-this"',
    'village/king failed: "village/king" chooses a model itself',
  ]) {
    expect((error as Error).message).toContain(part)
  }
})

test('a model without a maker is found, and "auto" lets the village choose', async () => {
  const bare = await client.chat.completions.create({ model: 'magi', messages: ask('hello') })
  const auto = await client.chat.completions.create({ model: 'auto', messages: ask('hello') })

  expect(bare.model).toBe('vendor/magi')
  expect(villageOf(auto)).toHaveProperty('agent', 'king')
})

test('the local model by name is refused what it cannot do', async () => {
  const answer = client.chat.completions.create({
    model: 'local/king',
    messages: ask('Weather?'),
    tools: [weatherTool],
  })

  await expect(answer).rejects.toThrow(BadRequestError)
  await expect(answer).rejects.toMatchObject({ param: 'tools', code: 'beyond_local_model' })
})
