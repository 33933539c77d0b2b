import { expect, test } from 'vitest'
import { reconnectDelayMs } from './reconnect-delay.ts'

test('waits about a second before the first new attempt and twice as long before each next', () => {
  const delays = [1, 2, 3, 4].map((attempt) => reconnectDelayMs(attempt, 0.5))

  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000])
})

test('never waits longer than 24 seconds, however often it failed', () => {
  expect(reconnectDelayMs(60, 0.999)).toBeLessThanOrEqual(24_000)
})
