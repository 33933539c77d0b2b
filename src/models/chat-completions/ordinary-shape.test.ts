import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOrdinaryChunk, isOrdinaryReply } from './ordinary-shape.ts'
import { ChatChunk, ChatReply } from './wire.ts'

const odd = fc.oneof(
  fc.constantFrom(null, true, '', 'text', 0, 1.5, Infinity, NaN),
  fc.constant([]),
  fc.constant({}),
  fc.constant([{ type: 'text', text: 'in parts' }]),
)
const mostly = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd })

const details = (name: string) =>
  mostly(fc.record({ [name]: mostly(fc.nat()) }, { requiredKeys: [] }))
const usage = fc.record(
  {
    prompt_tokens: mostly(fc.nat()),
    completion_tokens: mostly(fc.nat()),
    cost: mostly(fc.double({ min: 0, max: 1, noNaN: true })),
    prompt_tokens_details: details('cached_tokens'),
    completion_tokens_details: details('reasoning_tokens'),
    is_byok: fc.boolean(),
  },
  { requiredKeys: ['prompt_tokens', 'completion_tokens'] },
)
const message = fc.record(
  { role: fc.constant('assistant'), content: mostly(fc.string()), refusal: odd },
  { requiredKeys: [] },
)
const choices = (part: 'message' | 'delta') =>
  fc.array(
    mostly(
      fc.record(
        {
          index: mostly(fc.nat()),
          finish_reason: mostly(fc.constantFrom('stop', 'length')),
          error: fc.constantFrom(null, undefined, 'broken', { message: 'broken' }),
          logprobs: fc.constant(null),
          [part]: mostly(message),
        },
        { requiredKeys: [part] },
      ),
    ),
    { maxLength: 3 },
  )
const wholeOf = (part: 'message' | 'delta') =>
  mostly(
    fc.record(
      {
        id: mostly(fc.string()),
        model: mostly(fc.string()),
        provider: fc.string(),
        choices: mostly(choices(part)),
        usage: mostly(usage),
        error: fc.constantFrom(null, undefined, 'broken'),
      },
      { requiredKeys: ['choices'] },
    ),
  )

test('a reply is ordinary only where the schema gives it back as it is', () => {
  let ordinary = 0
  fc.assert(
    fc.property(wholeOf('message'), (body) => {
      if (!isOrdinaryReply(body)) return
      ordinary += 1
      expect(ChatReply.parse(body)).toEqual(body)
    }),
    { numRuns: 5000 },
  )
  expect(ordinary).toBeGreaterThan(500)
})

test('a chunk is ordinary only where the schema gives it back as it is', () => {
  let ordinary = 0
  fc.assert(
    fc.property(wholeOf('delta'), (body) => {
      if (!isOrdinaryChunk(body)) return
      ordinary += 1
      expect(ChatChunk.parse(body)).toEqual(body)
    }),
    { numRuns: 5000 },
  )
  expect(ordinary).toBeGreaterThan(500)
})

test('what providers send every day is ordinary', () => {
  const usual = { prompt_tokens: 61, completion_tokens: 48, total_tokens: 109, cost: 0.0000312 }
  const head = {
    id: 'gen-1',
    provider: 'Some',
    model: 'a/b',
    object: 'chat.completion',
    created: 1,
  }
  const choice = { index: 0, logprobs: null, finish_reason: 'stop', native_finish_reason: 'stop' }
  const toolCall = {
    index: 0,
    id: 'call_1',
    type: 'function',
    function: { name: 'f', arguments: '' },
  }

  expect(
    isOrdinaryReply({
      ...head,
      choices: [{ ...choice, message: { role: 'assistant', content: 'Yes', refusal: null } }],
      usage: { ...usual, prompt_tokens_details: { cached_tokens: 0 } },
    }),
  ).toBe(true)
  expect(
    isOrdinaryChunk({
      ...head,
      choices: [
        { index: 0, delta: { content: null, tool_calls: [toolCall] }, finish_reason: null },
      ],
    }),
  ).toBe(true)
  expect(isOrdinaryChunk({ ...head, choices: [], usage: usual })).toBe(true)
})
