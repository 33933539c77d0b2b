import { expect, test } from 'vitest'
import { requirementsIn } from './code-requirements.ts'

test('sorts sentences by how strongly they demand', () => {
  const text =
    'Write a parser. It must accept tabs.\n- It should be short.\n- It must not use eval.\n```\nmust("x")\n```'

  const requirements = requirementsIn(text)

  expect(requirements).toEqual({
    must: ['It must accept tabs.'],
    should: ['It should be short.'],
    mustNot: ['It must not use eval.'],
  })
})
