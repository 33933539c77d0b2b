import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { BoostedTrees } from './boosted-trees.ts'
import { IsotonicMap } from './isotonic.ts'
import { NearestTasks } from './nearest-tasks.ts'
import { fitRidge, productOf } from './ridge.ts'
import type { SparseRow } from './ridge.ts'
import { profileOf, structureNames, wordBuckets } from './text-profile.ts'

const row = (...entries: readonly (readonly [number, number])[]): SparseRow => ({
  indices: Uint32Array.from(entries, ([index]) => index),
  values: Float32Array.from(entries, ([, value]) => value),
})

test('ridge regression finds the weights that made the targets', () => {
  const random = seededRandom(1)
  const rows = Array.from({ length: 200 }, () => row([0, random() - 0.5], [3, random() - 0.5]))
  const targets = rows.map((one) => 2 * (one.values[0] ?? 0) - (one.values[1] ?? 0))

  const { weights, intercept } = fitRidge(rows, targets, { penalty: 1e-3, width: 5 })

  expect(intercept + productOf(row([0, 1], [3, 0.5]), weights)).toBeCloseTo(1.5, 1)
  expect(weights[0]).toBeCloseTo(2, 1)
  expect(weights[3]).toBeCloseTo(-1, 1)
  expect(weights[1]).toBe(0)
})

test('boosted trees learn what no line can, and nothing from noise in small leaves', () => {
  const random = seededRandom(2)
  const rows = Array.from({ length: 800 }, () => Float32Array.from([random(), random(), random()]))
  const targets = rows.map(([x = 0, y = 0]) => (x > 0.5 === y > 0.5 ? 1 : 0))
  const settings = { trees: 80, depth: 2, rate: 0.2, leastRows: 20, shrinkage: 1 }

  const trees = BoostedTrees.fit(rows, targets, settings)

  expect(trees.predict([0.9, 0.9, 0.5])).toBeGreaterThan(0.8)
  expect(trees.predict([0.9, 0.1, 0.5])).toBeLessThan(0.2)
  const parts = trees.contributions([0.9, 0.1, 0.5], 3)
  expect(Math.abs(parts[2] ?? 1)).toBeLessThan(Math.abs(parts[1] ?? 0))
})

test('boosted trees give the mean where there is nothing to split', () => {
  const settings = { trees: 10, depth: 3, rate: 0.1, leastRows: 20, shrinkage: 1 }
  const rows = Array.from({ length: 30 }, () => Float32Array.from([1]))

  const trees = BoostedTrees.fit(
    rows,
    rows.map((_, at) => at % 3),
    settings,
  )

  expect(trees.predict([5])).toBeCloseTo(1)
})

test('an isotonic map never falls and keeps the mean', () => {
  const random = seededRandom(3)
  const scores = Array.from({ length: 500 }, () => random())
  const outcomes = scores.map((score) => (random() < score ? 1 : 0))

  const map = IsotonicMap.fit(scores, outcomes)
  const values = Array.from({ length: 101 }, (_, at) => map.valueAt(at / 100))

  for (const [at, value] of values.entries())
    expect(value).toBeGreaterThanOrEqual(values[at - 1] ?? 0)
  expect(map.valueAt(0.5)).toBeCloseTo(0.5, 0)
  expect(IsotonicMap.fit([], []).valueAt(1)).toBeNaN()
})

test('the outcome near a task is that of tasks with the same words', () => {
  const rows = [
    ...Array.from({ length: 10 }, () => row([1, 0.8], [2, 0.6])),
    ...Array.from({ length: 10 }, () => row([3, 0.8], [4, 0.6])),
  ]
  const outcomes = rows.map((_, at) => (at < 10 ? 1 : 0))

  const nearest = NearestTasks.fit(rows, outcomes, 5)

  expect(nearest.outcomeNear(row([1, 1]), 0.5)).toBeGreaterThan(0.9)
  expect(nearest.outcomeNear(row([3, 1]), 0.5)).toBeLessThan(0.1)
  expect(nearest.outcomeNear(row([9, 1]), 0.5)).toBe(0.5)
})

test('a text is read in bounded time and gives numbers, whatever it holds', () => {
  for (const text of ['', ' ', '9'.repeat(50_000), 'A. \n'.repeat(9000), 'é\u0000\u{1F600}']) {
    const { indices, counts, structure } = profileOf(text)

    expect(structure).toHaveLength(structureNames.length)
    expect(structure.every((value) => Number.isFinite(value))).toBe(true)
    expect(indices.every((index) => index < wordBuckets)).toBe(true)
    expect(indices).toHaveLength(counts.length)
  }
})
