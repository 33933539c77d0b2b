import { expect, test } from 'vitest'
import { Series } from './series.ts'

function filled(tasks: number): Series {
  const series = new Series()
  for (let index = 0; index < tasks; index += 1) {
    series.addTask({
      atMs: index,
      agent: 'king',
      local: index % 2 === 0,
      totals: { costNanoUsd: index, alwaysFrontierNanoUsd: 2 * index },
      thresholds: { king: 0.1, sage: 0, magi: 0 },
    })
  }
  return series
}

test('the history stays bounded and loses no task when buckets are merged', () => {
  const series = filled(100_000)

  const points = series.points()

  expect(points.length).toBeLessThanOrEqual(120)
  expect(points.at(-1)?.tasks).toBe(100_000)
  expect(points.at(-1)?.costUsd).toBe(99_999 / 1e9)
})

test('a restored history goes on where it was', () => {
  const series = filled(1_000)
  const restored = new Series()

  restored.restore(series.snapshot())

  expect(restored.points()).toEqual(series.points())
})

test('checks count in the bucket that is open', () => {
  const series = filled(30)

  series.addAudit({ goodEnough: true, weight: 1 })
  series.addAudit({ goodEnough: false, weight: 1 })

  expect(series.points().map((point) => point.localQuality)).toEqual([null, 0.5])
})
