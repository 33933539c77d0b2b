import { expect, test } from 'vitest'
import { pValueText, pointsGained, signedText } from './gate-words.ts'

test('counts the points that a candidate gained or lost on a kind of task', () => {
  expect(pointsGained({ tasks: 20, candidateRight: 18, servingRight: 12 })).toBe(30)
  expect(pointsGained({ tasks: 20, candidateRight: 11, servingRight: 12 })).toBe(-5)
})

test('claims neither gain nor loss where nothing was examined', () => {
  expect(signedText(pointsGained({ tasks: 0, candidateRight: 0, servingRight: 0 }))).toBe('–')
})

test('writes gains and losses with their sign', () => {
  expect([30, 0, -5].map(signedText)).toEqual(['+30', '0', '−5'])
})

test('does not write a very small p-value as zero', () => {
  expect(pValueText(1e-9)).toBe('p < 0.001')
  expect(pValueText(0.0412)).toBe('p = 0.041')
})
