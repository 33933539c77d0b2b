import { expect, test } from 'vitest'
import { leastLabelProbability } from './audit-rate.ts'

test('while nothing is served locally every task is labelled as shadow runs are', () => {
  const before = { threshold: null, auditProbability: 0.3, shadowProbability: 1 }

  expect(leastLabelProbability(before)).toBe(1)
  expect(leastLabelProbability({ ...before, threshold: 0.1 })).toBe(0.3)
  expect(leastLabelProbability({ ...before, threshold: 0.1, shadowProbability: 0 })).toBe(0)
})
