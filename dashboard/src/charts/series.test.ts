import { expect, test } from 'vitest'
import {
  drawable,
  percentFloor,
  percentTicks,
  roundTicks,
  savedShare,
  shareRows,
  targetBand,
  thinOut,
} from './series.ts'

test('thins a long series out evenly and keeps its first and last point', () => {
  const points = Array.from({ length: 1_000 }, (_unused, index) => index)

  const thinned = thinOut(points, 5)

  expect(thinned).toEqual([0, 250, 500, 749, 999])
})

test('leaves a short series as it is', () => {
  expect(thinOut([1, 2, 3], 3)).toEqual([1, 2, 3])
})

test('draws shares as percentages and leaves a gap where nothing was measured', () => {
  const rows = shareRows([
    {
      atMs: 1,
      tasks: 100,
      localShare: 0.1234,
      localShareByAgent: { king: 0, sage: null, magi: 1 },
      localQuality: null,
      thresholdByAgent: { king: 0.6, sage: 0.7, magi: 0.65 },
      costUsd: 0,
      alwaysFrontierCostUsd: 0,
    },
  ])

  expect(rows).toEqual([{ atMs: 1, tasks: 100, all: 12.3, king: 0, sage: null, magi: 100 }])
})

test('knows no share of savings before anything was spent', () => {
  expect(savedShare(0, 0)).toBeNull()
  expect(savedShare(3, 4)).toBe(0.75)
})

test('starts a percentage axis below its lowest value', () => {
  expect(percentFloor([88, null, 97])).toBe(80)
  expect(percentFloor([3])).toBe(0)
  expect(percentFloor([])).toBe(90)
})

test('marks an axis at round numbers', () => {
  expect(roundTicks(4_788)).toEqual([0, 1_000, 2_000, 3_000, 4_000])
  expect(roundTicks(84)).toEqual([0, 20, 40, 60, 80])
  expect(roundTicks(0)).toEqual([0])
})

test('marks a percentage axis from its lower end to 100', () => {
  expect(percentTicks(70)).toEqual([70, 80, 90, 100])
  expect(percentTicks(0)).toEqual([0, 25, 50, 75, 100])
  expect(percentTicks(60)).toEqual([60, 75, 100])
})

test('asks for two measured points before it draws a line', () => {
  expect(drawable([null, 1, null])).toBe(false)
  expect(drawable([0, null, 1])).toBe(true)
})

test('has no target without agents', () => {
  expect(targetBand([])).toBeNull()
})
