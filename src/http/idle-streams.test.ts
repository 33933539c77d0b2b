import { expect, test } from 'vitest'
import type { Clock } from '../kernel/clock.ts'
import { createIdleStreams } from './idle-streams.ts'
import {
  answeredWith,
  postJson,
  readerOf,
  scriptedService,
  startScriptedServer,
} from './scripted-village.ts'

/** Time passes when the test says so. */
function createSteppedClock(): { readonly clock: Clock; readonly pass: () => Promise<void> } {
  let wake: () => void = () => undefined
  return {
    clock: {
      now: () => 0,
      sleep: (_durationMs, signal) =>
        new Promise((resolve, reject) => {
          wake = resolve
          signal?.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    },
    pass: async () => {
      wake()
      for (let turn = 0; turn < 3; turn += 1) await Promise.resolve()
    },
  }
}

test('tells a stream of its silence only after a whole interval without activity', async () => {
  const { clock, pass } = createSteppedClock()
  const streams = createIdleStreams(clock)
  let told = 0
  const watch = streams.watch(() => (told += 1))

  await pass()
  expect(told).toBe(0)
  await pass()
  expect(told).toBe(1)
  watch.active()
  await pass()
  expect(told).toBe(1)
  watch.stop()
  await pass()
  expect(told).toBe(1)
  streams.close()
})

test.each([
  ['/v1/chat/completions', ': keep-alive'],
  ['/v1/messages', 'event: ping'],
])(
  'a silent model does not let the connection of %s rest, and may still fail',
  async (path, line) => {
    const { clock, pass } = createSteppedClock()
    const asked = Promise.withResolvers<void>()
    const rest = Promise.withResolvers<void>()
    const server = await startScriptedServer({
      clock,
      logger: { error: () => undefined, warn: () => undefined },
      service: scriptedService({
        stream: async function* () {
          asked.resolve()
          await rest.promise
          yield { type: 'answered', answered: answeredWith('') }
        },
      }),
    })
    const body = { model: 'village', stream: true, messages: [{ role: 'user', content: 'x' }] }
    const answering = postJson(server.url + path, body)
    await asked.promise

    await pass()
    await pass()
    const response = await answering
    const first = await readerOf(response).read()
    rest.reject(new Error('The model has died'))

    expect(response.status).toBe(200)
    expect(first.value).toContain(line)
    await server.close()
  },
)
