import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import Anthropic from '@anthropic-ai/sdk'
import { ChatOpenAI } from '@langchain/openai'
import { OpenRouter } from '@openrouter/sdk'
import { generateText } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWireVillage, type WireVillage } from './wire-village.ts'

let village: WireVillage

beforeAll(async () => {
  village = await startWireVillage()
})
afterAll(() => village[Symbol.asyncDispose]())

/** Its provider is overloaded for one call of the village, which tries twice, and then answers. */
const model = 'vendor/flaky'

const clients: Record<string, (prompt: string) => Promise<string | null | undefined>> = {
  openai: async (prompt) => {
    const client = new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 2 })
    const messages = [{ role: 'user' as const, content: prompt }]
    const answer = await client.chat.completions.create({ model, messages })
    return answer.choices[0]?.message.content
  },
  '@openrouter/sdk': async (prompt) => {
    const client = new OpenRouter({
      serverURL: `${village.url}/api/v1`,
      apiKey: village.key,
      retryConfig: {
        strategy: 'backoff',
        backoff: { initialInterval: 50, maxInterval: 100, exponent: 1.5, maxElapsedTime: 20_000 },
        retryConnectionErrors: false,
      },
    })
    const answer = await client.chat.send({
      chatRequest: { model, messages: [{ role: 'user', content: prompt }], stream: false },
    })
    if (!('choices' in answer)) throw new Error('The package took the answer for a stream')
    const { content } = answer.choices[0]?.message ?? {}
    return typeof content === 'string' ? content : null
  },
  '@anthropic-ai/sdk': async (prompt) => {
    const client = new Anthropic({ baseURL: village.url, apiKey: village.key, maxRetries: 2 })
    const messages = [{ role: 'user' as const, content: prompt }]
    const answer = await client.messages.create({ model, messages, max_tokens: 100 })
    const [block] = answer.content
    return block?.type === 'text' ? block.text : null
  },
  '@ai-sdk/openai-compatible': async (prompt) => {
    const provider = createOpenAICompatible({
      name: 'village',
      baseURL: `${village.url}/v1`,
      apiKey: village.key,
    })
    return (await generateText({ model: provider(model), prompt, maxRetries: 2 })).text
  },
  'ChatOpenAI of LangChain': async (prompt) => {
    const chat = new ChatOpenAI({
      model,
      apiKey: village.key,
      maxRetries: 2,
      configuration: { baseURL: `${village.url}/v1` },
    })
    return (await chat.invoke(prompt)).text
  },
}

test.each(Object.keys(clients))('%s tries again where the village says so', async (name) => {
  const prompt = `from ${name}`

  const text = await clients[name]?.(prompt)

  expect(text).toBe(`You said: ${prompt}`)
  const calls = village.frontier.bodies.filter((body) => JSON.stringify(body).includes(prompt))
  expect(calls).toHaveLength(3)
})
