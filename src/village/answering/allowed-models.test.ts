import { expect, test } from 'vitest'
import { anApiKey } from '../../kernel/sample-api-key.ts'
import { requireAllowedModels } from './allowed-models.ts'

const caller = anApiKey({ allowedModels: ['village', 'vendor/*'] })

test.each([
  { requestedModel: 'village' },
  { requestedModel: 'auto' },
  { requestedModel: 'vendor/a', fallbackModels: ['vendor/b'] },
])('lets through what the key may use: %j', (asked) => {
  expect(() => requireAllowedModels(caller, asked)).not.toThrow()
})

test.each([
  { requestedModel: 'village/king' },
  { requestedModel: 'vendor/a', fallbackModels: ['vendor/b', 'other/c'] },
])('refuses any other name, listed ones included: %j', (asked) => {
  expect(() => requireAllowedModels(caller, asked)).toThrow('This key may not use')
})
