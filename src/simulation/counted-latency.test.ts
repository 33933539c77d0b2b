import { Agent } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countedLatency } from './counted-latency.ts'
import { startSimulatedOpenRouter } from './openrouter/simulated-openrouter.ts'
import type { SimulatedOpenRouter } from './openrouter/simulated-openrouter.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

let server: SimulatedOpenRouter

beforeAll(async () => {
  server = await startSimulatedOpenRouter({ seed: 3, latency: 'counted' })
})

afterAll(async () => {
  await server.close()
})

type Asked = { readonly saidMs: number; readonly countedMs: number }

async function ask(clock: VirtualClock, dispatcher: Pick<Agent, 'request'>): Promise<Asked> {
  const beforeMs = clock.now()
  const { headers, body } = await dispatcher.request({
    origin: new URL(server.url).origin,
    path: '/api/v1/chat/completions',
    method: 'POST',
    headers: { authorization: 'Bearer test' },
    body: JSON.stringify({
      model: 'openai/o1-mini-2024-09-12',
      messages: [{ role: 'user', content: 'hello' }],
    }),
  })
  await body.dump()
  return { saidMs: Number(headers['x-simulated-latency-ms']), countedMs: clock.now() - beforeMs }
}

test('moves the timeline of the task that asked by what the answer would have taken', async () => {
  const clock = createVirtualClock({ startMs: 0 })
  const agent = new Agent()
  const dispatcher = agent.compose(countedLatency(clock))

  const asked = await clock.run(7_000_000, () => ask(clock, dispatcher))

  expect(asked.saidMs).toBeGreaterThan(300)
  expect(asked.countedMs).toBe(asked.saidMs)
  await agent.close()
})

test('counts two calls made at the same time by one task only once', async () => {
  const clock = createVirtualClock({ startMs: 0 })
  const agent = new Agent()
  const dispatcher = agent.compose(countedLatency(clock))

  const totalMs = await clock.run(0, async () => {
    const [first] = await Promise.all([ask(clock, dispatcher), ask(clock, dispatcher)])
    return { saidMs: first.saidMs, nowMs: clock.now() }
  })

  expect(totalMs.nowMs).toBe(totalMs.saidMs)
  await agent.close()
})
