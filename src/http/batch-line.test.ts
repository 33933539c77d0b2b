import { expect, test } from 'vitest'
import type { ApiKey } from '../kernel/api-key.ts'
import { systemClock } from '../kernel/clock.ts'
import { createIds } from '../kernel/ids.ts'
import { seededRandom } from '../kernel/random.ts'
import type { AnswerOptions } from '../village/village-service.ts'
import { createBatchLineRunner } from './batch-line.ts'
import { answeredWith, scriptedApiKey } from './scripted-village.ts'

const line = {
  endpoint: '/v1/chat/completions',
  tenant: 'key_1',
  body: { model: 'village', messages: [{ role: 'user', content: 'Hello' }] },
}

function runnerFor(key: ApiKey | null) {
  const asked: AnswerOptions[] = []
  const run = createBatchLineRunner({
    service: {
      answer: async (_, options) => {
        asked.push(options)
        return answeredWith('Hello there')
      },
      embed: () => Promise.reject(new Error('This test embeds nothing')),
    },
    keys: { get: async () => key },
    clock: systemClock,
    ids: createIds(systemClock, seededRandom(1)),
    bodyLimitBytes: 1000,
    reportBug: (error) => {
      throw error
    },
  })
  return { asked, reply: () => run(line, new AbortController().signal) }
}

test('a line is asked in the name of the key that made the batch', async () => {
  const key = scriptedApiKey()
  const { asked, reply } = runnerFor(key)

  const { status } = await reply()

  expect(status).toBe(200)
  expect(asked.map(({ caller }) => caller)).toEqual([key])
})

test.each([
  ['revoked', scriptedApiKey({ revokedAtMs: 1 })],
  ['expired', scriptedApiKey({ expiresAtMs: 1 })],
  ['unknown', null],
])('a line of a key that is %s is refused for good, and no model is asked', async (_, key) => {
  const { asked, reply } = runnerFor(key)

  const refused = await reply()

  expect(refused).toMatchObject({
    status: 401,
    retryable: false,
    body: { error: { code: 'invalid_api_key' } },
  })
  expect(asked).toEqual([])
})
