import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChatCompletionsBody } from './chat-completions-request.ts'
import { fitsAsIs } from './fits-as-is.ts'

const fits = fitsAsIs(ChatCompletionsBody)
const odd = fc.oneof(
  fc.constantFrom(null, true, '', 0, -1, 1.5, 2 ** 60, Infinity, 'text', '𝒳'.repeat(200)),
  fc.constant([]),
  fc.constant({}),
)
const mostly = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: odd })
const parts = fc.array(mostly(fc.record({ type: mostly(fc.constant('text')), text: odd })))
const message = fc.record(
  {
    role: mostly(fc.constantFrom('system', 'user', 'assistant', 'tool', 'developer')),
    content: mostly(fc.oneof(fc.string(), parts)),
    name: odd,
  },
  { requiredKeys: ['role'] },
)
const verify = fc.constantFrom(
  { type: 'unit-tests', language: 'javascript', tests: 'f()' },
  { type: 'unit-tests', language: 'sql', setup: '', expectedRows: [[1, 'a', null]] },
  { type: 'unit-tests', language: 'sql', setup: '', expectedRows: [[true]] },
  { type: 'unit-tests', language: 'javascript', tests: 'f()', more: 1 },
)
const body = fc.record(
  {
    model: mostly(fc.string({ minLength: 1, maxLength: 300 })),
    models: mostly(fc.array(mostly(fc.string({ minLength: 1 })), { maxLength: 33 })),
    messages: mostly(fc.array(mostly(message), { minLength: 1, maxLength: 4 })),
    stream: mostly(fc.boolean()),
    stream_options: mostly(fc.record({ include_usage: mostly(fc.boolean()) })),
    n: mostly(fc.integer({ min: 1, max: 128 })),
    temperature: mostly(fc.double({ min: 0, max: 2, noNaN: true })),
    top_p: mostly(fc.double({ min: 0, max: 1, noNaN: true })),
    max_tokens: mostly(fc.integer({ min: 1 })),
    stop: mostly(fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 20 }))),
    seed: mostly(fc.maxSafeInteger()),
    village: mostly(fc.record({ verify }, { requiredKeys: [] })),
    metadata: odd,
  },
  { requiredKeys: ['messages'] },
)

test('a body fits as it is exactly where its schema takes it, and the schema changes nothing of it', () => {
  const seen = { fitting: 0, other: 0 }
  fc.assert(
    fc.property(mostly(body), (value) => {
      const parsed = ChatCompletionsBody.safeParse(value)
      expect({ fits: fits(value), read: parsed.data }).toEqual({
        fits: parsed.success,
        read: parsed.success ? value : undefined,
      })
      seen[parsed.success ? 'fitting' : 'other'] += 1
    }),
    { numRuns: 5000 },
  )
  expect(Math.min(seen.fitting, seen.other)).toBeGreaterThan(300)
})
