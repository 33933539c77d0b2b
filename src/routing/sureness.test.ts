import { expect, test } from 'vitest'
import { SureShares, isSure } from './sureness.ts'

test('an answer is sure when each of its tokens was likely', () => {
  expect(isSure(Math.log(0.8))).toBe(true)
  expect(isSure(Math.log(0.79))).toBe(false)
})

test('a model that does not tell counts as sure', () => {
  expect(isSure(null)).toBe(true)
})

test('counts the share of sure answers by kind, and nothing before the first', () => {
  const shares = new SureShares()
  for (const sure of [true, true, true, false]) shares.note('king-1', sure)
  shares.note('king-2', false)

  expect(shares.share('king-1')).toBeCloseTo(0.75, 2)
  expect(shares.share('king-2')).toBe(0)
  expect(shares.share('king-3')).toBe(1)
  expect(new SureShares(shares.snapshot()).share('king-1')).toBe(shares.share('king-1'))
})

test('keeps the kinds that were seen last', () => {
  const shares = new SureShares()
  for (let kind = 0; kind < 130; kind += 1) shares.note(`king-${kind}`, false)

  expect(Object.keys(shares.snapshot())).toHaveLength(128)
  expect(shares.share('king-0')).toBe(1)
  expect(shares.share('king-129')).toBe(0)
})
