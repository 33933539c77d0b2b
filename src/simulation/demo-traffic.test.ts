import { expect, test } from 'vitest'
import type { AnsweredTask } from '../village/village-service.ts'
import { sendDemoTraffic } from './demo-traffic.ts'
import { demoFamilies } from './families/demo-families.ts'
import { createTraffic } from './traffic.ts'

const traffic = createTraffic({ seed: 1, families: demoFamilies })
const refused = (): Promise<AnsweredTask> => Promise.reject(new Error('refused'))

/** Sends until `tasks` were sent, with a pause that the test changes as it sleeps. */
async function send(tasks: number, pauseMs: (slept: number) => number) {
  const stop = new AbortController()
  const errors: unknown[] = []
  const rests: number[] = []
  let [sent, slept] = [0, 0]
  await sendDemoTraffic({
    service: { answer: refused },
    traffic,
    signal: stop.signal,
    concurrency: 1,
    pauseMs: () => pauseMs(slept),
    onTask: () => {
      sent += 1
      rests.push(slept)
      slept = 0
      if (sent === tasks) stop.abort()
    },
    sleep: (durationMs) => {
      slept += durationMs
      return Promise.resolve()
    },
    onError: (error) => errors.push(error),
  })
  return { rests, errors }
}

test('rests between tasks, and goes on early when the pace quickens', async () => {
  expect((await send(3, () => 1_000)).rests).toEqual([0, 1_000, 1_000])
  expect((await send(3, () => 0)).rests).toEqual([0, 0, 0])
  expect((await send(2, (slept) => (slept < 500 ? 60_000 : 0))).rests).toEqual([0, 500])
})

test('a task that fails is told and does not end the demo', async () => {
  const { errors } = await send(3, () => 0)

  expect(errors).toEqual([new Error('refused'), new Error('refused')])
})
