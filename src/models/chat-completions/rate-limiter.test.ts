import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ModelCallError } from '../../kernel/errors.ts'
import { createManualClock } from '../../kernel/manual-clock.ts'
import { createRateLimiter } from './rate-limiter.ts'

const { signal } = new AbortController()

test('no sliding window ever holds more requests than the limit, and none is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 7 })), {
        maxLength: 25,
      }),
      async (limit, bursts) => {
        const clock = createManualClock()
        const limiter = createRateLimiter({ clock, limit, windowMs: 50, marginMs: 0 })
        const sentAtMs: number[] = []
        const calls: Promise<void>[] = []

        for (const [pauseMs, size] of bursts) {
          await clock.advance(pauseMs)
          for (let index = 0; index < size; index += 1) {
            const turn = Promise.resolve(limiter.acquire('m', signal))
            calls.push(turn.then(() => void sentAtMs.push(clock.now())))
          }
        }
        await clock.advance(51 * (calls.length + 1))
        await Promise.all(calls)

        expect(sentAtMs).toHaveLength(calls.length)
        for (const [index, startMs] of sentAtMs.entries()) {
          const inWindow = sentAtMs.slice(index).filter((atMs) => atMs <= startMs + 50)
          expect(inWindow.length).toBeLessThanOrEqual(limit)
        }
      },
    ),
    { numRuns: 60, seed: 7 },
  )
})

test('requests go in the order in which they came', async () => {
  const clock = createManualClock()
  const limiter = createRateLimiter({ clock, limit: 1, windowMs: 1000, marginMs: 0 })
  const order: number[] = []
  const calls = [1, 2, 3, 4].map((number) =>
    Promise.resolve(limiter.acquire('m', signal)).then(() => order.push(number)),
  )

  await clock.advance(5000)
  await Promise.all(calls)

  expect(order).toEqual([1, 2, 3, 4])
})

test('a waiting request that is aborted leaves the queue and costs no place', async () => {
  const clock = createManualClock()
  const limiter = createRateLimiter({ clock, limit: 1, windowMs: 1000, marginMs: 0 })
  const controller = new AbortController()
  const reason = new Error('gone')
  await limiter.acquire('m', signal)
  const aborted = limiter.acquire('m', controller.signal)
  const next = limiter.acquire('m', signal)

  controller.abort(reason)
  await expect(aborted).rejects.toBe(reason)
  await clock.advance(1001)

  await expect(next).resolves.toBeUndefined()
  expect(limiter.waiting()).toBe(0)
})

test('a full queue refuses with status 429 and says when to come back', async () => {
  const clock = createManualClock()
  const limiter = createRateLimiter({ clock, limit: 1, windowMs: 1000, marginMs: 0, maxWaiting: 2 })
  await limiter.acquire('m', signal)
  const waiting = [limiter.acquire('m', signal), limiter.acquire('m', signal)]

  const refused = limiter.acquire('m', signal)

  await expect(refused).rejects.toMatchObject({ status: 429, retryable: true, retryAfterMs: 1001 })
  await clock.advance(5000)
  for (const turn of waiting) await turn
})

test('closing the limiter refuses those who wait', async () => {
  const limiter = createRateLimiter({ clock: createManualClock(), limit: 1 })
  await limiter.acquire('m', signal)
  const waiting = limiter.acquire('m', signal)

  limiter.close()

  await expect(waiting).rejects.toBeInstanceOf(ModelCallError)
})
