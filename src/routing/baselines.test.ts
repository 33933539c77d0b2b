import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { lengthBaseline, randomBaseline } from './baselines.ts'

test('finds longer prompts harder, and lets a seeded chance decide otherwise', () => {
  const short = [{ role: 'user' as const, content: 'hi' }]
  const long = [{ role: 'user' as const, content: 'hi '.repeat(2000) }]

  const drawn = randomBaseline(seededRandom(1))(short)

  expect(lengthBaseline(long)).toBeGreaterThan(lengthBaseline(short))
  expect(drawn).toBe(randomBaseline(seededRandom(1))(long))
})
