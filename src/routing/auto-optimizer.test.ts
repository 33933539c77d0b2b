import { expect, test } from 'vitest'
import type { Target } from '../kernel/target.ts'
import { AutoOptimizer } from './auto-optimizer.ts'
import type { Circumstances } from './auto-optimizer.ts'

const hourMs = 3_600_000
const cost = 10_000_000
const quality = { alpha: 0.03, delta: 0.1 }

/** 100 tasks of a cent in the hour before noon, of an expected loss from 0 to 0.99. */
function seeing(target: Target, loss: (at: number) => number = (at) => at / 100): AutoOptimizer {
  const optimizer = new AutoOptimizer({ king: target, sage: quality, magi: quality })
  for (let at = 0; at < 100; at += 1) {
    const atMs = 11 * hourMs + at * (hourMs / 100)
    optimizer.observeTask('king', { atMs, expectedLoss: loss(at), frontierCost: cost })
  }
  return optimizer
}

const noon: Circumstances = {
  nowMs: 12 * hourMs,
  spentTodayNanoUsd: 0,
  auditProbability: 0,
  localLatencyMs: 100,
  frontierLatencyMs: 1000,
}

test('keeps nothing local for a budget that the frontier alone would hold', () => {
  const aim = seeing({ budgetUsdPerDay: 13 }).aim('king', noon)

  expect(aim).toMatchObject({ localShare: 0, threshold: 0, unmet: null })
})

test('keeps the tasks of least expected loss local, as many as the rest of the day needs', () => {
  const aim = seeing({ budgetUsdPerDay: 8 }).aim('king', { ...noon, spentTodayNanoUsd: 5e9 })

  // $1 an hour for 12 hours, and $3 left: three quarters must cost nothing.
  expect(aim?.localShare).toBeCloseTo(0.75)
  expect(aim?.threshold).toBeCloseTo(0.74)
  expect(aim?.why).toContain('$5.00 of $8 a day is spent')
})

test('counts what audits of local answers cost', () => {
  const optimizer = seeing({ budgetUsdPerDay: 6 })

  const plain = optimizer.aim('king', noon)
  const audited = optimizer.aim('king', { ...noon, auditProbability: 0.2 })

  expect(plain?.localShare).toBeCloseTo(0.5)
  expect(audited?.localShare).toBeCloseTo(0.625)
})

test('says that a budget cannot be met once it is spent, and keeps everything local', () => {
  const aim = seeing({ budgetUsdPerDay: 2 }).aim('king', { ...noon, spentTodayNanoUsd: 2e9 })

  expect(aim).toMatchObject({ localShare: 1, threshold: 1 })
  expect(aim?.unmet).toContain('what cannot be local still costs')
})

test('parts tasks of the same expected loss by a share, so that no more than needed stays local', () => {
  const optimizer = seeing({ budgetUsdPerDay: 6 }, (at) => (at < 30 ? 0.1 : 0.4))

  const aim = optimizer.aim('king', noon)

  expect(aim?.threshold).toBe(0.4)
  expect(aim?.shareAtThreshold).toBeCloseTo(20 / 70)
})

test('keeps as much local as brings the mean latency down to the target', () => {
  const aim = seeing({ latencyMs: 400 }).aim('king', noon)

  expect(aim?.localShare).toBeCloseTo(2 / 3)
  expect(aim?.unmet).toBeNull()
})

test('says which latency no threshold can meet', () => {
  const tooFast = seeing({ latencyMs: 50 }).aim('king', noon)
  const slowerLocal = seeing({ latencyMs: 400 }).aim('king', { ...noon, localLatencyMs: 2000 })

  expect(tooFast).toMatchObject({ localShare: 1 })
  expect(tooFast?.unmet).toContain('Even all local answers would miss it')
  expect(slowerLocal).toMatchObject({ localShare: 0 })
  expect(slowerLocal?.unmet).toContain('No threshold meets 400 ms')
})

test('sends all to the frontier while too little is known of the traffic or the latencies', () => {
  const optimizer = new AutoOptimizer({
    king: { budgetUsdPerDay: 1 },
    sage: { latencyMs: 100 },
    magi: quality,
  })

  const king = optimizer.aim('king', noon)
  const sage = optimizer.aim('sage', { ...noon, localLatencyMs: null })

  expect(king).toMatchObject({ localShare: 0, threshold: 0 })
  expect(sage).toMatchObject({ localShare: 0, threshold: 0 })
})

test('is not thrown off by a clock that goes back', () => {
  const aim = seeing({ budgetUsdPerDay: 6 }).aim('king', { ...noon, nowMs: 10 * hourMs })

  expect(aim).toMatchObject({ localShare: 0, threshold: 0 })
})

test('takes an expected loss that is no number for a sure loss', () => {
  const optimizer = seeing({ budgetUsdPerDay: 6 }, (at) => (at < 50 ? Number.NaN : 0.1))

  const aim = optimizer.aim('king', noon)

  expect(aim?.threshold).toBe(0.1)
})

test('moves no threshold for a target of quality', () => {
  const optimizer = seeing({ budgetUsdPerDay: 1 })
  optimizer.setTarget('king', quality)

  expect(optimizer.target('king')).toEqual(quality)
  expect(optimizer.aim('king', noon)).toBeNull()
})
