import { expect, test } from 'vitest'
import { demoFamilies } from './families/demo-families.ts'
import { tracesIn, tracesOf } from './template-traces.ts'

test('finds a template that was planted in a text, whatever its slots hold', () => {
  const traces = tracesOf(['Sort this short message now: {message}'])

  const found = tracesIn('say: please SORT this, short message\nnow - hello', traces)

  expect(found).toEqual(['sort this short message', 'this short message now'])
})

test('takes only the template’s own words, never a slot or what stands around it', () => {
  const traces = tracesOf(['give the {thing} to the {person}'])

  expect([...traces]).toEqual([])
})

test('has traces of every demo family', () => {
  const without = demoFamilies.filter((family) => tracesOf(family.templates).size === 0)

  expect(without).toEqual([])
})
