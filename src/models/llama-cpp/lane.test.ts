import { expect, test } from 'vitest'
import { createLane } from './lane.ts'

const { signal } = new AbortController()

function held() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { work: () => promise, release: resolve }
}

test('as many run as there are places; the others wait in order', async () => {
  const lane = createLane({ model: 'local/king', places: 2, maxWaiting: 10 })
  const jobs = [held(), held(), held(), held()]
  const order: number[] = []
  const calls = jobs.map(({ work }, index) =>
    lane.run(() => {
      order.push(index)
      return work()
    }, signal),
  )
  await Promise.resolve()
  expect([lane.running(), lane.waiting()]).toEqual([2, 2])

  for (const job of jobs) job.release()
  await Promise.all(calls)

  expect(order).toEqual([0, 1, 2, 3])
  expect([lane.running(), lane.waiting()]).toEqual([0, 0])
})

test('a full line refuses, and the refusal may be tried again later', async () => {
  const lane = createLane({ model: 'local/king', places: 1, maxWaiting: 1 })
  const job = held()
  const calls = [lane.run(job.work, signal), lane.run(job.work, signal)]

  const refused = lane.run(job.work, signal)

  await expect(refused).rejects.toMatchObject({ status: 503, retryable: true })
  job.release()
  await Promise.all(calls)
})

test('an aborted request leaves the line at once', async () => {
  const lane = createLane({ model: 'local/king', places: 1, maxWaiting: 5 })
  const job = held()
  const controller = new AbortController()
  const reason = new Error('gone')
  const running = lane.run(job.work, signal)
  const waiting = lane.run(job.work, controller.signal)

  controller.abort(reason)

  await expect(waiting).rejects.toBe(reason)
  expect(lane.waiting()).toBe(0)
  job.release()
  await running
})

test('a failure of the work frees its place', async () => {
  const lane = createLane({ model: 'local/king', places: 1, maxWaiting: 5 })
  const failure = new Error('broken')

  await expect(lane.run(() => Promise.reject(failure), signal)).rejects.toBe(failure)

  await expect(lane.run(() => Promise.resolve('done'), signal)).resolves.toBe('done')
})
