import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI, { APIError } from 'openai'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { VillageStatus } from '../src/http/contract.ts'
import {
  brokenEvents,
  delta,
  resetConnection,
  startTestDouble,
} from '../src/models/chat-completions/test-double.ts'
import type { TestDouble } from '../src/models/chat-completions/test-double.ts'
import { startVillage } from './start-village.ts'
import type { StartedVillage } from './start-village.ts'

/** A whole village in front of two servers of the operator's own. */
const model = 'acme/coder'
const messages = [{ role: 'user' as const, content: 'Hello' }]

let north: TestDouble
let south: TestDouble
/** Somebody else's server, which must never be called. */
let foreign: TestDouble
let village: StartedVillage
let client: OpenAI

beforeAll(async () => {
  north = await startTestDouble()
  south = await startTestDouble()
  foreign = await startTestDouble()
  village = await startVillage({
    settings: settingsWith({ northDrains: false }),
    environment: { OPENROUTER_API_KEY: 'sk-or-v1-test', OPENROUTER_BASE_URL: south.baseUrl },
  })
  client = new OpenAI({ baseURL: `${village.url}/v1`, apiKey: village.key, maxRetries: 0 })
})

afterAll(async () => {
  await village[Symbol.asyncDispose]()
  await Promise.all([north, south, foreign].map((double) => double.close().catch(() => undefined)))
})

function settingsWith({ northDrains }: { readonly northDrains: boolean }) {
  return {
    frontier: { requestsPerMinute: 10_000, attempts: 1 },
    servers: { north: { baseUrl: north.baseUrl }, south: { baseUrl: south.baseUrl } },
    models: {
      [model]: {
        replicas: [
          { server: 'north', model: 'coder.gguf', draining: northDrains },
          { server: 'south', model: 'coder-awq' },
        ],
      },
    },
  }
}

async function replicas() {
  const response = await fetch(`${village.url}/village/status`, {
    headers: { authorization: `Bearer ${village.key}` },
  })
  const status = VillageStatus.parse(await response.json())
  return status.replicas?.find((each) => each.model === model)?.replicas ?? []
}

function callsOf(double: TestDouble): number {
  return double.requests.filter(({ path }) => path.endsWith('/chat/completions')).length
}

test('the model is listed and answered under the operator’s name', async () => {
  const listed = await client.models.retrieve(model)
  const answer = await client.chat.completions.create({ model, messages })

  expect(listed.id).toBe(model)
  expect(answer.model).toBe(model)
  expect(answer).toMatchObject({ village: { simulated: false, route: 'frontier' } })
  expect(['coder.gguf', 'coder-awq']).toContain(
    [...north.requests, ...south.requests].find(({ path }) => path.endsWith('/completions'))?.body[
      'model'
    ],
  )
})

test('a stream that breaks after its first word reaches the client as an error, once', async () => {
  const before = callsOf(north) + callsOf(south)
  const broken = brokenEvents(delta('You'), delta(' said'))
  north.reply(broken)
  south.reply(broken)
  let text = ''

  const reading = (async () => {
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  })()

  await expect(reading).rejects.toBeInstanceOf(APIError)
  expect(text).toMatch(/^You/)
  expect(callsOf(north) + callsOf(south)).toBe(before + 1)
})

test.each([
  (host: string) => `@${host}/x`,
  (host: string) => `vendor/model#@${host}`,
  (host: string) => `http://${host}/api/v1`,
  (host: string) => `acme/coder@${host}`,
])('no name of a model makes the village call another host (%#)', async (nameFor) => {
  const name = nameFor(new URL(foreign.baseUrl).host)
  const content = [
    { type: 'text' as const, text: 'Look' },
    { type: 'image_url' as const, image_url: { url: `${foreign.baseUrl}/private.png` } },
  ]

  await client.chat.completions.create({ model: name, messages }).catch(() => undefined)
  await client.chat.completions
    .create({ model, messages: [{ role: 'user', content }] })
    .catch(() => undefined)

  expect(foreign.requests).toEqual([])
})

test('a draining server gets no new requests once village.json says so', async () => {
  writeFileSync(
    join(village.home, 'village.json'),
    JSON.stringify(settingsWith({ northDrains: true })),
  )
  await vi.waitFor(
    async () => expect((await replicas())[0]).toMatchObject({ name: 'north', draining: true }),
    { timeout: 30_000, interval: 200 },
  )
  const before = callsOf(north)

  for (let call = 0; call < 8; call += 1) await client.chat.completions.create({ model, messages })

  expect(callsOf(north)).toBe(before)
  writeFileSync(
    join(village.home, 'village.json'),
    JSON.stringify(settingsWith({ northDrains: false })),
  )
  await vi.waitFor(async () => expect((await replicas())[0]?.draining).toBe(false), {
    timeout: 30_000,
    interval: 200,
  })
})

test('a server that dies costs no client an error, and the status tells', async () => {
  north.reply(...Array.from({ length: 100 }, () => resetConnection))
  const during = Array.from({ length: 20 }, () =>
    client.chat.completions.create({ model, messages }),
  )
  await north.close()

  const answers = await Promise.all([
    ...during,
    ...Array.from({ length: 20 }, () => client.chat.completions.create({ model, messages })),
  ])

  expect(answers.map((answer) => answer.choices[0]?.message.content)).toEqual(
    Array.from({ length: 40 }, () => expect.stringContaining('You said: Hello')),
  )
  const [dead, alive] = await replicas()
  expect(alive).toMatchObject({ name: 'south', state: 'closed', draining: false })
  expect(dead?.failures).toBeGreaterThan(0)
  expect(dead?.lastError).toContain('The server north gave no answer for acme/coder')
})
