import { expect, test } from 'vitest'
import { UnknownModelError } from '../../kernel/errors.ts'
import { resolveModel } from './resolve-model.ts'

test('the village, its agents, local models and slugs are told apart', () => {
  const names = ['village', 'village/sage', 'local/magi', 'openai/o1-mini-2024-09-12', 'gpt-4o']

  const resolved = names.map((name) => resolveModel(name))

  expect(resolved).toEqual([
    { type: 'village' },
    { type: 'agent', agent: 'sage' },
    { type: 'local', name: 'magi' },
    { type: 'frontier', slug: 'openai/o1-mini-2024-09-12' },
    { type: 'frontier', slug: 'gpt-4o' },
  ])
})

test('an agent that does not exist is refused with the names that do', () => {
  const resolve = () => resolveModel('village/queen')

  expect(resolve).toThrow(UnknownModelError)
  expect(resolve).toThrow(/village\/king/)
})
