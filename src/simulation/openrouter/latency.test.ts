import { expect, test } from 'vitest'
import type { Clock } from '../../kernel/clock.ts'
import { answerFor } from './simulated-answer.ts'
import { startSimulatedOpenRouter } from './simulated-openrouter.ts'
import type { SimulatedOpenRouter } from './simulated-openrouter.ts'

const model = 'qwen/qwen-2.5-72b-instruct'
const messages = [{ role: 'user', content: 'hello' }]

/** A clock that notes what it was asked to wait for, and goes on at once. */
function notingClock(): { readonly clock: Clock; readonly waitsMs: number[] } {
  const waitsMs: number[] = []
  return {
    waitsMs,
    clock: {
      now: () => 1_700_000_000_000,
      sleep: (durationMs) => {
        waitsMs.push(durationMs)
        return Promise.resolve()
      },
    },
  }
}

async function ask(server: SimulatedOpenRouter, body: object): Promise<Response> {
  const reply = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer test' },
    body: JSON.stringify({ model, messages, ...body }),
  })
  await reply.text()
  return reply
}

test('really waits for the whole latency when latencies are real', async () => {
  const { clock, waitsMs } = notingClock()
  const server = await startSimulatedOpenRouter({ seed: 1, latency: 'real', clock })

  const reply = await ask(server, {})

  expect(waitsMs).toEqual([answerFor({ model, prompt: 'hello', seed: 1 }).latencyMs])
  expect(reply.headers.get('x-simulated-latency-ms')).toBeNull()
  await server.close()
})

test('spreads the latency of a stream over its first token and its pieces', async () => {
  const { clock, waitsMs } = notingClock()
  const server = await startSimulatedOpenRouter({ seed: 1, latency: 'real', clock })

  await ask(server, { stream: true })

  const { firstTokenMs, latencyMs } = answerFor({ model, prompt: 'hello', seed: 1 })
  expect(waitsMs[0]).toBe(firstTokenMs)
  expect(waitsMs.reduce((sum, each) => sum + each, 0)).toBeCloseTo(latencyMs)
  await server.close()
})

test('holds a slow answer back even when latencies are counted', async () => {
  const { clock, waitsMs } = notingClock()
  const server = await startSimulatedOpenRouter({ seed: 1, latency: 'counted', clock })
  await fetch(`${server.controlUrl}/faults`, {
    method: 'POST',
    body: JSON.stringify({ fault: 'slow', delayMs: 2500 }),
  })

  await ask(server, {})
  await ask(server, {})

  expect(waitsMs).toEqual([2500])
  await server.close()
})
