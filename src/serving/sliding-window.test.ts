import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlidingWindow } from './sliding-window.ts'

const steps = fc.array(fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 9 })), {
  maxLength: 200,
})

test('no span of a minute holds more than the limit, whatever comes when', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 9, max: 40 }), (arrivals, limit) => {
      const window = new SlidingWindow()
      const taken: { atMs: number; amount: number }[] = []
      let nowMs = 1_700_000_000_000
      for (const [gapMs, amount] of arrivals) {
        nowMs += gapMs
        if (window.untilUsedAtMostMs(nowMs, limit - amount) > 0) continue
        window.add(nowMs, amount)
        taken.push({ atMs: nowMs, amount })
      }
      for (const { atMs } of taken) {
        const span = taken.filter((one) => one.atMs >= atMs && one.atMs < atMs + 60_000)
        expect(span.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit)
      }
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('the time that it names is enough, and no more than a second too long', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 9, max: 40 }), (arrivals, limit) => {
      const window = new SlidingWindow()
      const taken: { atMs: number; amount: number }[] = []
      let nowMs = 1_700_000_000_000
      for (const [gapMs, amount] of arrivals) {
        nowMs += gapMs
        const waitMs = window.untilUsedAtMostMs(nowMs, limit - amount)
        const soonMs = nowMs + waitMs - 1001
        const used = taken
          .filter((one) => one.atMs > soonMs - 60_000)
          .reduce((sum, one) => sum + one.amount, 0)
        nowMs += waitMs
        expect(window.untilUsedAtMostMs(nowMs, limit - amount)).toBe(0)
        expect(waitMs <= 1001 || used + amount > limit).toBe(true)
        window.add(nowMs, amount)
        taken.push({ atMs: nowMs, amount })
      }
    }),
    { seed: 2, numRuns: 300 },
  )
})

test('what is given back is free at once, and once only', () => {
  const window = new SlidingWindow()
  window.add(5_000, 10)
  window.add(6_000, 3)

  window.giveBack(7_000, 5_000, 10)

  expect(window.used(7_000)).toBe(3)
  expect(window.used(66_500)).toBe(3)
  expect(window.used(67_000)).toBe(0)
})

test('what has left the window by itself is not given back again', () => {
  const window = new SlidingWindow()
  window.add(5_000, 10)
  window.add(70_000, 4)

  window.giveBack(70_000, 5_000, 10)

  expect(window.used(70_000)).toBe(4)
})

test('is empty after any long silence', () => {
  const window = new SlidingWindow()
  for (let index = 0; index < 61; index += 1) window.add(index * 1000, 1)

  expect(window.used(60_000)).toBe(61)
  expect(window.used(1_700_000_000_000)).toBe(0)
})

test('a clock that is set back frees nothing', () => {
  const window = new SlidingWindow()
  window.add(100_000, 5)

  expect(window.used(1_000)).toBe(5)
  expect(window.used(100_500)).toBe(5)
})
