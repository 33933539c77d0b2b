import { expect, test } from 'vitest'
import { wilsonBounds } from './binomial-bounds.ts'
import { normalQuantile } from './normal-quantile.ts'

test.each([
  [0.5, 0],
  [0.8, 0.8416212336],
  [0.9, 1.2815515655],
  [0.95, 1.644853627],
  [0.99, 2.326347874],
  [0.9999, 3.7190164854],
])('a standard normal variable lies below the quantile of %d with that chance', (chance, value) => {
  expect(normalQuantile(chance)).toBeCloseTo(value, 8)
  expect(normalQuantile(1 - chance)).toBeCloseTo(-value, 8)
})

test('a higher confidence gives wider bounds round the same rate', () => {
  const wide = wilsonBounds(5, 100, 0.99)
  const narrow = wilsonBounds(5, 100, 0.8)

  expect(wide.lower).toBeLessThan(narrow.lower)
  expect(narrow.lower).toBeLessThan(0.05)
  expect(narrow.upper).toBeGreaterThan(0.05)
  expect(wide.upper).toBeGreaterThan(narrow.upper)
})

test('a chance that is none is a bug', () => {
  expect(() => normalQuantile(1)).toThrow(RangeError)
})
