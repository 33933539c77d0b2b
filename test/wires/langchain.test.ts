import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startWireVillage, type WireVillage } from './wire-village.ts'

let village: WireVillage

beforeAll(async () => {
  village = await startWireVillage()
})
afterAll(() => village[Symbol.asyncDispose]())

function chat(model = 'village', more: object = {}): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: village.key,
    maxRetries: 0,
    configuration: { baseURL: `${village.url}/v1` },
    ...more,
  })
}

const getWeather = tool(({ city }: { city: string }) => `21 degrees in ${city}`, {
  name: 'get_weather',
  description: 'The weather in a city',
  schema: z.object({ city: z.string() }),
})

test('a chat is answered and streamed, with usage', async () => {
  const whole = await chat().invoke('hello')
  let text = ''
  for await (const chunk of await chat().stream('hello')) text += chunk.text

  expect(whole.text).toBe('You said: hello')
  expect(whole.usage_metadata).toMatchObject({ input_tokens: 20, output_tokens: 8 })
  expect(text).toBe('You said: hello')
})

test('tools make a round trip', async () => {
  const model = chat().bindTools([getWeather])
  const question = new HumanMessage('Weather?')

  const first = await model.invoke([question])
  const results = await Promise.all(
    (first.tool_calls ?? []).map(async (call) => {
      const message: unknown = await getWeather.invoke({ ...call, type: 'tool_call' })
      return message as ToolMessage
    }),
  )
  const second = await model.invoke([question, first, ...results])

  expect(first.tool_calls?.map(({ args }) => args as object)).toEqual([
    { city: 'Oslo' },
    { city: 'Rome' },
  ])
  expect(results.every((result) => result instanceof ToolMessage)).toBe(true)
  expect(second.text).toBe('The tool says: 21 degrees in Rome')
})

test('an answer is structured by a schema', async () => {
  const Weather = z.object({ city: z.string(), celsius: z.number() })

  const answer = await chat()
    .withStructuredOutput(Weather, { method: 'jsonSchema', name: 'weather' })
    .invoke('Weather')

  expect(answer).toEqual({ city: 'Oslo', celsius: 21 })
})

test('the Responses wire serves it as well', async () => {
  const model = chat('village', { useResponsesApi: true })

  const whole = await model.invoke('hello')
  let text = ''
  for await (const chunk of await model.stream('hello')) text += chunk.text
  const called = await model.bindTools([getWeather]).invoke('Weather?')

  expect(whole.text).toBe('You said: hello')
  expect(text).toBe('You said: hello')
  expect(called.tool_calls).toHaveLength(2)
})

test('an image is seen, a text embedded', async () => {
  const url = 'data:image/png;base64,AAAA'
  const image = new HumanMessage({
    content: [
      { type: 'text', text: 'What?' },
      { type: 'image_url', image_url: { url } },
    ],
  })
  const embeddings = new OpenAIEmbeddings({
    model: 'vendor/embed',
    apiKey: village.key,
    configuration: { baseURL: `${village.url}/v1` },
  })

  const seen = await chat().invoke([image])
  const vector = await embeddings.embedQuery('abc')

  expect(seen.text).toContain('I see data:image/png')
  expect(vector).toEqual([3, 0.5, -0.25])
})

test('errors say what went wrong', async () => {
  const answer = chat('vendor/kin').invoke('x')

  await expect(answer).rejects.toMatchObject({ status: 404 })
  await expect(answer).rejects.toThrow(/vendor\/king/)
})
