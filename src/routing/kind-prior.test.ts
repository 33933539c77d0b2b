import { expect, test } from 'vitest'
import { kindPriorLabels } from './kind-prior.ts'
import type { KindRate } from './kind-rates.ts'

function kind(bad: number, labels: number): KindRate {
  return { labels, bad, fadedLabels: labels, fadedBad: bad }
}

test('the agent’s rate says little where kinds are either known or not', () => {
  const split = [kind(0, 12), kind(0, 15), kind(10, 10), kind(0, 9), kind(12, 12), kind(8, 8)]

  expect(kindPriorLabels(split, 0.45)).toBeLessThan(1)
})

test('it says much where kinds resemble each other', () => {
  const alike = Array.from({ length: 12 }, (_, at) => kind(at % 2 === 0 ? 3 : 4, 12))

  expect(kindPriorLabels(alike, 0.3)).toBeGreaterThan(6)
})

test('it says what it usually does while nothing was seen', () => {
  expect(kindPriorLabels([], 0.3)).toBe(2.5)
  expect(kindPriorLabels([kind(0, 1), kind(1, 1)], 0)).toBe(2.5)
})

test('takes rates at the borders and faded counts', () => {
  const faded: KindRate = { labels: 40, bad: 13, fadedLabels: 36.4, fadedBad: 11.9 }

  for (const mean of [0, 1]) {
    const labels = kindPriorLabels([faded, kind(0, 20), kind(20, 20)], mean)

    expect(labels).toBeGreaterThanOrEqual(0.5)
    expect(labels).toBeLessThanOrEqual(16)
  }
})
