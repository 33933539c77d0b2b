import { describe, expect, test } from 'vitest'
import type { Random } from '../kernel/random.ts'
import { seededRandom } from '../kernel/random.ts'
import { defaultLearningSettings } from './learning-settings.ts'
import {
  allowedShare,
  auditProbability,
  recordAudit,
  shouldRollBack,
  startMonitor,
  wealthOf,
} from './promotion-monitor.ts'
import type { MonitorState } from './promotion-monitor.ts'

const settings = defaultLearningSettings.monitor

/** Audits until the rollback, or null when there was none, audited as the village would. */
function auditsUntilRollback(options: {
  readonly random: Random
  readonly allowed: number
  readonly wrongShare: (audit: number) => number
  readonly audits: number
}): number | null {
  let state: MonitorState = startMonitor()
  for (let audit = 1; audit <= options.audits; audit += 1) {
    state = recordAudit(state, {
      goodEnough: options.random() >= options.wrongShare(audit),
      probability: auditProbability(state, settings),
      allowed: options.allowed,
    })
    if (shouldRollBack(state, settings)) return audit
  }
  return null
}

function simulate(
  trials: number,
  options: {
    readonly allowed: number
    readonly wrongShare: (audit: number) => number
    readonly audits: number
  },
): readonly (number | null)[] {
  return Array.from({ length: trials }, (_, trial) =>
    auditsUntilRollback({ ...options, random: seededRandom(1000 + trial) }),
  )
}

describe('a rollback', () => {
  test.each([0.05, 0.1, 0.3])(
    'finds a spoiled checkpoint (9 of 10 wrong) within 20 audits when %s is allowed',
    (allowed) => {
      const found = simulate(200, { allowed, wrongShare: () => 0.9, audits: 20 })

      expect(found.every((audits) => audits !== null)).toBe(true)
    },
  )

  test.each([
    [0.02, 0.07],
    [0.1, 0.15],
    [0.3, 0.35],
  ])('finds a fall by 20 points from %s in about 100 audits', (promised, allowed) => {
    const found = simulate(200, { allowed, wrongShare: () => promised + 0.2, audits: 400 })

    const sorted = found.map((audits) => audits ?? Infinity).toSorted((a, b) => a - b)
    expect(sorted[100]).toBeLessThanOrEqual(110)
    expect(sorted[190]).toBeLessThanOrEqual(320)
  })

  test.each([0.05, 0.1, 0.3])(
    'comes falsely in at most one in twenty of the checkpoints that are as bad as %s allows',
    (allowed) => {
      const found = simulate(400, { allowed, wrongShare: () => allowed, audits: 2000 })

      const falseRollbacks = found.filter((audits) => audits !== null).length
      expect(falseRollbacks / found.length).toBeLessThanOrEqual(0.05)
    },
  )

  test('still comes soon when the checkpoint fails after a long good time', () => {
    const wrongShare = (audit: number): number => (audit <= 1000 ? 0.02 : 0.9)

    const found = simulate(100, { allowed: 0.07, wrongShare, audits: 1040 })

    expect(found.every((audits) => audits !== null && audits > 1000)).toBe(true)
  })
})

describe('the share that is allowed', () => {
  test('is what was promised and a margin, but never stricter than the target', () => {
    const promised = { tasks: 60, notGoodEnough: 6 }

    expect(allowedShare(promised, 0.95, settings)).toBeCloseTo(0.15)
    expect(allowedShare({ tasks: 60, notGoodEnough: 0 }, 0.9, settings)).toBeCloseTo(0.1)
    expect(allowedShare(null, 0.9, settings)).toBeCloseTo(0.1)
  })
})

describe('the audit probability', () => {
  function after(audits: number, wrongEvery: number): MonitorState {
    let state = startMonitor()
    for (let audit = 1; audit <= audits; audit += 1) {
      state = recordAudit(state, {
        goodEnough: audit % wrongEvery !== 0,
        probability: 0.25,
        allowed: 0.05,
      })
    }
    return state
  }

  test('is high for a canary, then falls, and never to zero', () => {
    expect(auditProbability(after(0, 1000), settings)).toBe(0.5)
    expect(auditProbability(after(25, 1000), settings)).toBe(0.5)
    expect(auditProbability(after(50, 1000), settings)).toBe(0.125)
    expect(auditProbability(after(900, 1000), settings)).toBe(0.05)
  })

  test('rises again when answers go wrong', () => {
    const good = after(300, 1000)
    let state = good
    while (wealthOf(state) < settings.suspiciousWealth) {
      state = recordAudit(state, { goodEnough: false, probability: 0.05, allowed: 0.05 })
    }

    expect(auditProbability(good, settings)).toBe(0.05)
    expect(auditProbability(state, settings)).toBe(0.25)
  })
})

test('goes on from its saved state as if nothing had happened', () => {
  const random = seededRandom(3)
  let kept = startMonitor()
  let restored = startMonitor()
  for (let audit = 0; audit < 50; audit += 1) {
    const next = { goodEnough: random() > 0.2, probability: 0.5, allowed: 0.1 }
    kept = recordAudit(kept, next)
    restored = recordAudit(JSON.parse(JSON.stringify(restored)) as MonitorState, next)
  }

  expect(restored).toEqual(kept)
})
