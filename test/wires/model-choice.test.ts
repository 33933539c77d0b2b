import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWireVillage, type WireVillage } from './wire-village.ts'

let village: WireVillage
let client: OpenAI

beforeAll(async () => {
  village = await startWireVillage()
  client = new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 0 })
})
afterAll(() => village[Symbol.asyncDispose]())

type Asked = OpenAI.ChatCompletionCreateParamsNonStreaming

async function answerOf(fields: object) {
  const answer = await client.chat.completions.create({
    messages: [{ role: 'user', content: 'hello' }],
    ...fields,
  } as Asked)
  const { village: block } = answer as object as { village: { reason: string; agent: string } }
  return { model: answer.model, ...block }
}

test('the provider’s auto router is asked by its name, and says which model it chose', async () => {
  const { model } = await answerOf({ model: 'openrouter/auto' })

  expect(village.frontier.bodies.at(-1)?.['model']).toBe('openrouter/auto')
  expect(model).toBe('vendor/sage')
})

test('the auto router takes its turn in a list, and why the others failed is said', async () => {
  const first = await answerOf({ model: 'vendor/refuses', models: ['openrouter/auto'] })
  const listed = await answerOf({ model: 'openrouter/auto', models: ['vendor/king'] })

  expect(first.model).toBe('vendor/sage')
  expect(first.reason).toMatch(/^vendor\/sage answered because vendor\/refuses failed: .*400/u)
  expect(listed.model).toBe('vendor/sage')
})

test('"auto" lets the village choose, and its list follows when the agent’s own model fails', async () => {
  const models = ['vendor/none', 'vendor/limited', 'vendor/sage']
  const chosen = await answerOf({ model: 'auto', models })
  const listed = await answerOf({
    model: 'auto',
    models,
    messages: [{ role: 'user', content: 'Please refuse vendor/king' }],
  })

  expect(chosen).toMatchObject({ model: 'vendor/king', agent: 'king' })
  expect(listed).toMatchObject({ model: 'vendor/sage', agent: 'king' })
  for (const name of ['vendor/king', 'vendor/none', 'vendor/limited']) {
    expect(listed.reason).toContain(`${name} failed: `)
  }
})

test('an agent asks with its own numbers, as far as its model takes them', async () => {
  await answerOf({ model: 'village/magi' })

  expect(village.frontier.bodies.at(-1)).toMatchObject({ temperature: 0.2, max_tokens: 1500 })
})

test('a model named by the client is asked with the sampling that the models list recommends', async () => {
  await answerOf({ model: 'vendor/tuned' })
  const open = village.frontier.bodies.at(-1)
  await answerOf({ model: 'vendor/tuned', temperature: 1, top_k: 5 })
  const own = village.frontier.bodies.at(-1)

  expect(open).toMatchObject({ temperature: 0.3, top_k: 20 })
  expect(open).not.toHaveProperty('top_p')
  expect(own).toMatchObject({ temperature: 1, top_k: 5 })
})
