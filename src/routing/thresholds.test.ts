import { expect, test } from 'vitest'
import type { ScoredLabel } from './complexity-estimate.ts'
import { Thresholds } from './thresholds.ts'

const labels = (count: number, complexity: number, bad = 0): readonly ScoredLabel[] =>
  Array.from({ length: count }, (_, at) => ({ complexity, goodEnough: at >= bad, weight: 1 }))

test('starts closed, and closes again without held-out labels', () => {
  const thresholds = new Thresholds()
  thresholds.restart('king', labels(100, 0.03), 1)

  const before = new Thresholds().value('king')
  const change = thresholds.restart('king', [], 2)

  expect(before).toBe(0)
  expect(change).toMatchObject({ agent: 'king', value: 0, atMs: 2 })
})

test('opens carefully when held-out labels are few', () => {
  const thresholds = new Thresholds()

  const change = thresholds.restart('king', labels(20, 0.05), 1)

  expect(change.value).toBe(0.1)
  expect(change.reason).toContain('carefully')
})

test('opens further only as far as every band holds the target by itself', () => {
  const thresholds = new Thresholds()
  const heldOut = [...labels(150, 0.03), ...labels(40, 0.12), ...labels(40, 0.17, 12)]

  const change = thresholds.restart('king', heldOut, 1)

  expect(change.value).toBe(0.15)
})

test('stays closed when even the surest answers are too often worse', () => {
  const thresholds = new Thresholds()

  const change = thresholds.restart('king', labels(100, 0.03, 30), 1)

  expect(change.value).toBe(0)
})

test('steps down after 100 results that are clearly too bad, and not before', () => {
  const thresholds = new Thresholds()
  thresholds.restart('king', labels(20, 0.05), 1)

  const changes = labels(100, 0.05, 25).map((result, at) => thresholds.record('king', result, at))

  expect(changes.slice(0, 99).every((change) => change === null)).toBe(true)
  expect(changes[99]?.value).toBe(0.05)
  expect(thresholds.value('king')).toBe(0.05)
})

test('steps up when what a step lets in is shown to be good', () => {
  const thresholds = new Thresholds()
  thresholds.restart('king', labels(20, 0.05), 1)

  const results = [...labels(60, 0.04), ...labels(40, 0.12)]
  const changes = results.map((result, at) => thresholds.record('king', result, at))

  expect(changes[99]?.value).toBe(0.15)
})

test('does not step up behind good answers that lie below the threshold already', () => {
  const thresholds = new Thresholds()
  thresholds.restart('king', labels(20, 0.05), 1)

  const results = [...labels(200, 0.02), ...labels(100, 0.13, 15)]
  const changes = results.map((result, at) => thresholds.record('king', result, at))

  expect(changes.every((change) => change === null)).toBe(true)
})

test('goes on where it was after a snapshot is restored', () => {
  const thresholds = new Thresholds()
  thresholds.restart('magi', labels(100, 0.02), 1)
  const restored = new Thresholds()

  restored.restore(JSON.parse(JSON.stringify(thresholds.snapshot())))

  expect(restored.value('magi')).toBe(thresholds.value('magi'))
  expect(restored.value('magi')).toBeGreaterThan(0)
})

test('closes for a stricter target that the results speak against', () => {
  const thresholds = new Thresholds()
  thresholds.restart('king', labels(20, 0.05), 1)
  for (const [at, result] of labels(60, 0.03, 8).entries()) thresholds.record('king', result, at)

  const stricter = thresholds.retarget('king', { alpha: 0.001, delta: 0.1 }, 100)
  const same = thresholds.retarget('king', { alpha: 0.001, delta: 0.1 }, 101)
  const others = thresholds.value('sage')

  expect(stricter).toMatchObject({ agent: 'king', value: 0 })
  expect(stricter?.reason).toContain('The target changed')
  expect(same).toBeNull()
  expect(others).toBe(0)
})

test('allows a stricter target the careful value at most where too few results show more', () => {
  const thresholds = new Thresholds()
  thresholds.restart('king', labels(200, 0.12), 1)
  const before = thresholds.value('king')

  const change = thresholds.retarget('king', { alpha: 0.03, delta: 0.1 }, 2)

  expect(before).toBeGreaterThan(0.1)
  expect(change).toMatchObject({ value: 0.1 })
})

test('shows what the target asks for with the confidence that it asks for', () => {
  const known = [...labels(100, 0.03, 2), ...labels(100, 0.12, 2), ...labels(40, 0.17, 1)]
  const sure = new Thresholds()
  const unsure = new Thresholds()
  sure.retarget('king', { alpha: 0.05, delta: 0.001 }, 1)
  unsure.retarget('king', { alpha: 0.05, delta: 0.1 }, 1)

  const surely = sure.restart('king', known, 2)
  const probably = unsure.restart('king', known, 2)

  expect(probably.value).toBe(0.2)
  expect(probably.reason).toContain('with 90 % confidence at most')
  expect(surely.value).toBe(0.1)
})

test('a surer target takes back what was shown with less confidence', () => {
  const thresholds = new Thresholds()
  thresholds.restart('king', labels(20, 0.05), 1)
  const results = [...labels(96, 0.04, 2), ...labels(104, 0.12, 2)]
  for (const [at, result] of results.entries()) thresholds.record('king', result, at)
  const before = thresholds.value('king')

  const change = thresholds.retarget('king', { alpha: 0.05, delta: 0.001 }, 300)

  expect(before).toBe(0.15)
  expect(change?.value).toBe(0.1)
})
