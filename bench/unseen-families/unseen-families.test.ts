import { expect, test } from 'vitest'
import { demoFamilies } from '../../src/simulation/families/demo-families.ts'
import { testFamily } from '../../src/simulation/families/family-suite.ts'
import { unseenFamilies } from './unseen-families.ts'

const all = [...demoFamilies, ...unseenFamilies]

for (const family of unseenFamilies) {
  testFamily(
    family,
    all.filter((other) => other !== family),
  )
}

test('shares no wording with the demo', () => {
  const demoTemplates = new Set(demoFamilies.flatMap((family) => family.templates))

  const shared = unseenFamilies.flatMap((family) =>
    family.templates.filter((template) => demoTemplates.has(template)),
  )

  expect(shared).toEqual([])
})
