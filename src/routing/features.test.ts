import { expect, test } from 'vitest'
import type { ChatMessage } from '../kernel/chat.ts'
import { featuresOf, hashedFeatureCount, wordsOf } from './features.ts'

const user = (content: string): readonly ChatMessage[] => [{ role: 'user', content }]

test('turns numbers and codes into shapes and keeps identifiers', () => {
  const words = wordsOf('Ship 12 of order AB-4821 for 19.90 to parseUser, box 12345 4b7')

  expect(words).toEqual(
    'ship <num> of order ab <longnum> for <decimal> to parseuser box <longnum> <code>'.split(' '),
  )
})

test('gives each bucket once and values of length 1', () => {
  const features = featuresOf(user('the cat and the dog and the bird'))

  expect(new Set(features.indices).size).toBe(features.indices.length)
  expect(Math.max(...features.indices)).toBeLessThan(hashedFeatureCount)
  expect(features.values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5)
})

test('reads a very long text at both ends only', () => {
  const middle = 'filling '.repeat(10_000)

  const features = featuresOf(user(`opening ${middle} closing`))

  expect(features.words).toContain('opening')
  expect(features.words).toContain('closing')
  expect(features.words.length).toBeLessThan(20)
})

test('gives an empty conversation empty features instead of NaN', () => {
  const features = featuresOf([])

  expect(features.indices.length).toBe(0)
  expect([...features.dense].every(Number.isFinite)).toBe(true)
})
