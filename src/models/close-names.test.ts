import { expect, test } from 'vitest'
import { closeNames, editDistance } from './close-names.ts'

const names = ['openai/gpt-5-mini', 'openai/gpt-5', 'anthropic/claude-sonnet', 'mistral/small']

test('a misspelt name finds the name that was meant first', () => {
  expect(closeNames('openai/gpt5-mini', names)[0]).toBe('openai/gpt-5-mini')
  expect(closeNames('Anthropic/Claude-Sonet', names)).toEqual(['anthropic/claude-sonnet'])
})

test('a name without its vendor finds the whole name', () => {
  expect(closeNames('claude-sonnet', names)).toEqual(['anthropic/claude-sonnet'])
})

test('a name far from all finds those of its vendor', () => {
  expect(closeNames('mistral/enormous-and-new', names)).toEqual(['mistral/small'])
})

test('a name like nothing else finds nothing', () => {
  expect(closeNames('zzzzzzzzzz', names)).toEqual([])
})

test('the distance counts insertions, deletions and replacements', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('', 'abc')).toBe(3)
})
