import { expect, test } from 'vitest'
import { dollars, serveWithKeys } from './keyed-village.ts'
import { storeOfAllTests } from './test-stores.ts'

const store = storeOfAllTests()

const messages = [{ role: 'user', content: 'Hello' }]
/** A request that costs a cent, and may cost little more, on every wire that asks a model. */
const wires: Record<string, object> = {
  '/v1/chat/completions': { model: 'vendor/king', messages, max_tokens: 2000 },
  '/v1/completions': { model: 'vendor/king', prompt: 'Hello', max_tokens: 2000 },
  '/v1/responses': { model: 'vendor/king', input: 'Hello', max_output_tokens: 2000 },
  '/v1/messages': { model: 'vendor/king', messages, max_tokens: 2000 },
  '/v1/embeddings': { model: 'vendor/king', input: 'Hello '.repeat(300) },
}
const calls = Object.entries(wires).flatMap(([path, body]) => {
  const whole = { body, how: 'whole' }
  const streamed = { body: { ...body, stream: true }, how: 'streamed' }
  const ways = path === '/v1/embeddings' ? [whole] : [whole, streamed]
  return ['', '/api'].flatMap((prefix) =>
    ways.map((way) => ({ path: prefix + path, how: way.how, body: way.body })),
  )
})

test.each(calls)('a budget holds on $path, $how', async ({ path, body }) => {
  const { issue, postTo, usage } = await serveWithKeys(store.current)
  const { key } = await issue({ budgets: dollars(0.0125) })
  const first = await postTo(path, key, body)
  await first.text()

  const second = await postTo(path, key, body)

  expect([first.status, second.status]).toEqual([200, 402])
  expect(await second.text()).toContain('budget')
  expect(await usage(key)).toMatchObject({ usage: 0.01 })
})

/** Vectors of a test are there at once: nobody can leave before them. */
const slow = calls.filter(({ path }) => !path.endsWith('/embeddings'))

test.each(slow)('a client that leaves $path, $how, before the end pays for it', async (call) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { issue, postTo, usage } = await serveWithKeys(store.current, {
    pause: async (signal) => {
      begin()
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    },
  })
  const { key } = await issue({ budgets: dollars(1) })
  const leaving = new AbortController()
  const left = postTo(call.path, key, call.body, { signal: leaving.signal })
    .then((response) => response.text())
    .catch(() => 'left')

  await begun
  leaving.abort()
  await left

  await expect.poll(async () => (await usage(key)).usage, { timeout: 10_000 }).toBeGreaterThan(0)
})
