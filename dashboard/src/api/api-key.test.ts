import { expect, test } from 'vitest'
import { apiKeyFromHash } from './api-key.ts'

test('takes the key out of the address', () => {
  expect(apiKeyFromHash('#key=vk-abc123')).toBe('vk-abc123')
})

test('takes an address without a key, or with an empty one, for no key', () => {
  expect(apiKeyFromHash('')).toBeNull()
  expect(apiKeyFromHash('#decisions')).toBeNull()
  expect(apiKeyFromHash('#key=')).toBeNull()
})
