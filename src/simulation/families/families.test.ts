import { expect, test } from 'vitest'
import { seededRandom } from '../../kernel/random.ts'
import { demoFamilies } from './demo-families.ts'
import { testFamily } from './family-suite.ts'

for (const family of demoFamilies) {
  testFamily(
    family,
    demoFamilies.filter((other) => other !== family),
  )
}

test('gives each of Magi’s families a verifier, and no other', () => {
  const verified = demoFamilies.filter(
    (family) => family.make(seededRandom(1)).verifier !== undefined,
  )

  expect(verified).toEqual(demoFamilies.filter((family) => family.agent === 'magi'))
})

test.each(['king', 'sage', 'magi'])('makes %s’s work mostly learnable', (agent) => {
  const weights = { learnable: 0, between: 0, unlearnable: 0 }

  for (const family of demoFamilies.filter((candidate) => candidate.agent === agent)) {
    weights[family.expectation] += family.weight
  }

  expect(weights).toEqual({ learnable: 0.7, between: 0.15, unlearnable: 0.15 })
})
