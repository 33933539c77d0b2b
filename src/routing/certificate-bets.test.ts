import { expect, test } from 'vitest'
import { betOf } from './certificate-bets.ts'
import type { ThresholdEvidence } from './certificate.ts'

function evidence(losses: number, labels = 100): ThresholdEvidence {
  return { logWealth: 0, labels, losses, weight: labels, lossWeight: losses, squaredWeight: labels }
}

test('bets less the more losses there are, and never everything', () => {
  const bets = [0, 5, 20].map((losses) =>
    betOf(2, evidence(losses), { alpha: 0.1, expectedLoss: 0.05 }),
  )

  expect(bets).toEqual(bets.toSorted((left, right) => right - left))
  expect(bets[0]).toBeLessThan(0.95)
  expect(bets[1]).toBeCloseTo(0.5, 1)
})

test('an early loss does not end the betting against a threshold that is expected to lose little', () => {
  const bet = betOf(2, evidence(2, 10), { alpha: 0.03, expectedLoss: 0.015 })

  expect(bet).toBeGreaterThan(0.2)
})

test('labels of small probability count for less', () => {
  const rare = { ...evidence(0, 10), weight: 100, squaredWeight: 1000 }
  const equal = evidence(0, 10)

  const terms = { alpha: 0.1, expectedLoss: 0.05 }

  expect(betOf(2, rare, terms)).toBeCloseTo(betOf(2, equal, terms))
})

test('a certificate of the first version is counted by its own rule', () => {
  expect(betOf(1, evidence(0), { alpha: 0.1, expectedLoss: 0 })).toBe(0.9)
  expect(betOf(1, evidence(5), { alpha: 0.1, expectedLoss: 0.05 })).toBeCloseTo(0.5)
  expect(betOf(1, evidence(20), { alpha: 0.1, expectedLoss: 0.1 })).toBe(0)
})
