import { expect, onTestFinished, test } from 'vitest'
import type { Clock } from '../kernel/clock.ts'
import type { VillageStatus } from './contract.ts'
import { readerOf, scriptedKey, startScriptedServer } from './scripted-village.ts'

/** Time passes only when the test says so. */
function manualClock() {
  let nowMs = 0
  const sleepers = new Set<{ wakeAtMs: number; wake: () => void }>()
  const clock: Clock = {
    now: () => nowMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { wakeAtMs: nowMs + durationMs, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason as Error)
        })
      }),
  }
  const advance = (durationMs: number): void => {
    nowMs += durationMs
    for (const sleeper of sleepers) {
      if (sleeper.wakeAtMs > nowMs) continue
      sleepers.delete(sleeper)
      sleeper.wake()
    }
  }
  return { clock, advance, sleeping: () => sleepers.size }
}

async function start() {
  const { clock, advance, sleeping } = manualClock()
  const listeners = new Set<() => void>()
  let version = 0
  const server = await startScriptedServer({
    clock,
    status: {
      current: () => ({ version: String(version) }) as VillageStatus,
      subscribe: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  })
  onTestFinished(() => server.close())
  const change = (): void => {
    version += 1
    for (const listener of listeners) listener()
  }
  const read = async () => {
    const response = await fetch(`${server.url}/village/events`, {
      headers: { 'x-api-key': scriptedKey },
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    return readerOf(response)
  }
  return { server, advance, sleeping, listeners, change, read }
}

const statusEvent = (version: number): string => `event: status\ndata: {"version":"${version}"}\n\n`

test('sends the status at once, and after many changes only the newest, a second later', async () => {
  const { advance, change, read } = await start()
  const reader = await read()
  const first = await reader.read()

  change()
  change()
  advance(999)
  await new Promise((resolve) => setImmediate(resolve))
  change()
  advance(1)
  const second = await reader.read()

  expect(first.value).toBe(statusEvent(0))
  expect(second.value).toBe(statusEvent(3))
  await reader.cancel()
})

test('keeps a quiet stream alive with comments', async () => {
  const { advance, read } = await start()
  const reader = await read()
  await reader.read()

  advance(15_000)
  const next = await reader.read()

  expect(next.value).toBe(': keep-alive\n\n')
  await reader.cancel()
})

test('lets go of the village when the last reader goes', async () => {
  const { read, listeners, sleeping } = await start()
  const reader = await read()
  await reader.read()
  expect(listeners.size).toBe(1)

  await reader.cancel()

  await expect.poll(() => listeners.size).toBe(0)
  expect(sleeping()).toBe(0)
})

test('ends the stream when the server closes', async () => {
  const { server, read } = await start()
  const reader = await read()
  await reader.read()

  await server.close()

  expect((await reader.read()).done).toBe(true)
})
