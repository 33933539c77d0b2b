import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatRequest } from '../kernel/chat.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import { costOfTokens, type PicoUsdPerToken } from '../kernel/money.ts'
import { mostCostOf } from './cost-bound.ts'

const model: ModelDescription = {
  id: 'vendor/model',
  kind: 'frontier',
  contextLength: 100_000,
  maxCompletionTokens: 8_000,
  price: { prompt: 3_000_000 as PicoUsdPerToken, completion: 15_000_000 as PicoUsdPerToken },
  distillable: 'no',
  supportedParameters: [],
  inputModalities: ['text', 'image'],
  simulated: false,
}

const ask = (content: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [{ role: 'user', content }],
  sampling: { maxTokens: 100 },
  ...more,
})

test('no text has more tokens than bytes, so none costs more than the bound', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      const tokens = { prompt: Buffer.byteLength(text), completion: 100 }

      expect(mostCostOf(ask(text), model)).toBeGreaterThanOrEqual(costOfTokens(tokens, model.price))
    }),
    { seed: 1 },
  )
})

test('without max_tokens the model may answer as long as it can', () => {
  const open = mostCostOf(ask('Hi', { sampling: {} }), model)

  expect(open - mostCostOf(ask('Hi'), model)).toBe(
    costOfTokens({ prompt: 0, completion: 7_900 }, model.price),
  )
})

test.each([
  ['several answers', { extra: { n: 5 } }],
  ['tools', { extra: { tools: [{ type: 'function', function: { name: 'a'.repeat(500) } }] } }],
  [
    'a picture',
    {
      messages: [
        { role: 'user' as const, content: [{ type: 'image_url', image_url: { url: 'x' } }] },
      ],
    },
  ],
  [
    'a file by its address',
    {
      messages: [{ role: 'user' as const, content: [{ type: 'file', file: { file_data: 'x' } }] }],
    },
  ],
])('%s may cost more than the plain question', (_what, more) => {
  expect(mostCostOf(ask('Hi', more), model)).toBeGreaterThan(mostCostOf(ask('Hi'), model) * 1.5)
})

test('a model without a price costs nothing, however long the question', () => {
  const free = { prompt: 0 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken }

  expect(mostCostOf(ask('long '.repeat(10_000)), { ...model, price: free })).toBe(0)
})
