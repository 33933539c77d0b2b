import { expect, test } from 'vitest'
import { blendContributions, blendParts, blendScore, fitBlend } from './blend.ts'

const rows = [
  [0.1, 3],
  [0.3, 5],
  [0.5, 7],
]

test('the parts weigh equally, whatever their scale', () => {
  const blend = fitBlend(rows)

  expect(blendScore(blend, [0.3, 5])).toBeCloseTo(0.3)
  expect(blendScore(blend, [0.5, 3])).toBeCloseTo(0.3)
  expect(blendScore(blend, [0.5, 7])).toBeCloseTo(0.5)
})

test('a part that never varies says nothing', () => {
  const blend = fitBlend(rows.map(([first = 0]) => [first, 4]))

  expect(blendScore(blend, [0.3, 4])).toBeCloseTo(0.3)
  expect(Number.isFinite(blendScore(blend, [0.3, 5]))).toBe(true)
})

test('what the features add makes up what sets a score apart from the mean', () => {
  const blend = fitBlend([
    [0.1, 3, 0, 0.2],
    [0.5, 7, 1, 0.4],
  ])
  const parts = [0.5, 7, 1, 0.4]

  const added = blendContributions(blend, parts, [0.02, 0.03, 0.05, 0], 3)

  expect(added.reduce((sum, one) => sum + one, 0)).toBeCloseTo(blendScore(blend, parts) - 0.3)
})

test('of few labels only words and what needs no labels are used', () => {
  const of = { learnt: 0.4, row: Float32Array.of(0.5, 0, 0.25), unlearnt: 7 }

  expect(blendParts({ ...of, isFew: true })).toEqual([0.5, 7])
  expect(blendParts({ ...of, isFew: false })).toEqual([0.5, 7, 0.25, 0.4])
})
