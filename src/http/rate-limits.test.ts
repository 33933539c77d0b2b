import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { noRateLimits } from '../kernel/api-key.ts'
import { systemClock } from '../kernel/clock.ts'
import { hello, startKeyedServer } from './keyed-server.ts'
import {
  answeredWith,
  scriptedAccess,
  scriptedApiKey,
  scriptedService,
  startScriptedServer,
} from './scripted-village.ts'

test('tells every answer how much of the limits is left, streams too', async () => {
  const { issue, send } = await startKeyedServer()
  const limits = { requestsPerMinute: 5, tokensPerMinute: 1000, concurrentRequests: null }
  const { key } = await issue({ limits })

  const whole = await send(key, 'POST', '/v1/chat/completions', hello)
  const streamed = await send(key, 'POST', '/v1/chat/completions', { ...hello, stream: true })
  await streamed.text()

  expect(headersOf(whole)).toEqual(['5', '4', '1m1s', '1000', expect.any(String), '1m1s'])
  expect(headersOf(streamed).slice(0, 2)).toEqual(['5', '3'])
  expect(Number(headersOf(whole)[4])).toBeLessThan(980)
  expect(Number(headersOf(whole)[4])).toBeGreaterThan(950)
})

function headersOf(response: Response): (string | null)[] {
  const parts = ['requests', 'tokens'].flatMap((what) =>
    ['limit', 'remaining', 'reset'].map((part) => `x-ratelimit-${part}-${what}`),
  )
  return parts.map((name) => response.headers.get(name))
}

test('refuses the request beyond the limit as OpenAI does, and says when to come back', async () => {
  const { issue, send } = await startKeyedServer()
  const { key } = await issue({ limits: { ...noRateLimits, requestsPerMinute: 1 } })
  await send(key, 'GET', '/v1/models')

  const refused = await send(key, 'POST', '/v1/chat/completions', hello)

  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(60)
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(61)
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0')
  expect(await refused.json()).toMatchObject({
    error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  })
})

test('a request that asks for more tokens than a minute has is not to be tried again', async () => {
  const { issue, send } = await startKeyedServer()
  const { key } = await issue({ limits: { ...noRateLimits, tokensPerMinute: 50 } })

  const refused = await send(key, 'POST', '/v1/chat/completions', { ...hello, max_tokens: 60 })

  expect(refused.status).toBe(429)
  expect(refused.headers.get('x-should-retry')).toBe('false')
  expect(refused.headers.get('retry-after')).toBeNull()
})

test('a client that leaves while its key is looked up keeps no place', async () => {
  const lookUp = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const access = scriptedAccess(systemClock)
  const key = scriptedApiKey({ limits: { ...noRateLimits, concurrentRequests: 1 } })
  const server = await startScriptedServer({
    access,
    service: scriptedService({
      authenticate: async () => {
        begun.resolve()
        await lookUp.promise
        return key
      },
    }),
  })
  onTestFinished(() => server.close())
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.write('GET /v1/key HTTP/1.1\r\nhost: x\r\nx-api-key: vk-a\r\n\r\n')
  await begun.promise
  socket.resetAndDestroy()
  await once(socket, 'close')
  // The other end of the connection closes a few turns later.
  for (let turn = 0; turn < 100; turn += 1) await setImmediate()

  lookUp.resolve()
  let response = await fetch(`${server.url}/v1/key`, { headers: { 'x-api-key': 'vk-a' } })
  for (let turn = 0; response.status === 429 && turn < 50; turn += 1) {
    response = await fetch(`${server.url}/v1/key`, { headers: { 'x-api-key': 'vk-a' } })
  }

  expect(response.status).toBe(200)
})

test('a place is free again when a stream ends, and when its client goes', async () => {
  let finish = (): void => undefined
  let aborted = 0
  const service = {
    ...scriptedService(),
    stream: async function* (_input: unknown, { signal }: { readonly signal: AbortSignal }) {
      yield { type: 'text' as const, text: 'Hello' }
      await new Promise<void>((resolve) => {
        finish = resolve
        signal.addEventListener('abort', () => {
          aborted += 1
          resolve()
        })
      })
      yield { type: 'answered' as const, answered: answeredWith('Hello') }
    },
  }
  const { issue, send } = await startKeyedServer({ service })
  const { key } = await issue({ limits: { ...noRateLimits, concurrentRequests: 1 } })
  const stream = (init?: RequestInit) =>
    send(key, 'POST', '/v1/chat/completions', { ...hello, stream: true }, init)

  const first = await stream()
  const refused = await stream()
  finish()
  await first.text()
  const controller = new AbortController()
  const second = await stream({ signal: controller.signal })
  controller.abort()
  let third = await stream()
  while (third.status === 429) third = await stream()
  finish()
  await third.text()

  expect([first.status, refused.status, second.status, third.status]).toEqual([200, 429, 200, 200])
  expect(aborted).toBe(1)
})
