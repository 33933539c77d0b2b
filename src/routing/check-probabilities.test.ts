import { expect, test } from 'vitest'
import { auditProbability, shadowProbability } from './check-probabilities.ts'
import { noEvidence } from './complexity-estimate.ts'

const idle = { running: 0, waiting: 0, sequences: 4 }
const fresh = { evidence: noEvidence, threshold: 0.1, workload: idle, hasCheckpoint: true }
const settled = { overall: 300, ofKind: 150, kindLabels: 200, kindGood: 199, kindGoodShare: 0.99 }

test('shadows every task of a kind that is not known yet, and few of a hopeless one', () => {
  const hopeless = { ...settled, kindGood: 0, kindGoodShare: 0 }

  expect(shadowProbability(fresh)).toBe(1)
  expect(shadowProbability({ ...fresh, evidence: hopeless })).toBe(0.1)
})

test('shadows nothing when there is no room', () => {
  expect(shadowProbability({ ...fresh, workload: { ...idle, waiting: 1 } })).toBe(0)
  expect(shadowProbability({ ...fresh, workload: { ...idle, running: 4 } })).toBe(0)
})

test('gives the bare base a small sample only', () => {
  const base = { ...fresh, hasCheckpoint: false }

  expect(shadowProbability(base)).toBeGreaterThan(0)
  expect(shadowProbability({ ...base, evidence: { ...noEvidence, overall: 20 } })).toBe(0)
})

test('audits less as checks add up, and more again where a kind gets doubtful', () => {
  const doubtful = { ...settled, kindGoodShare: 0.92 }

  const known = { ...settled, kindLabels: 24, kindGood: 24, kindGoodShare: 1 }
  const better = { ...known, kindLabels: 40, kindGood: 40 }

  const falling = [noEvidence, known, better].map((evidence) => auditProbability(evidence))

  expect(falling.map((probability) => probability.toFixed(3))).toEqual(['0.200', '0.100', '0.060'])
  expect(auditProbability(settled)).toBe(0.06)
  expect(auditProbability(doubtful)).toBeGreaterThan(auditProbability(settled))
})
