import { expect, test } from 'vitest'
import type { ChatMessage } from '../../kernel/chat.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { beyondLocal } from './beyond-local.ts'

const contextLength = 100
const local = {
  description: { contextLength },
  formatProblem: ({ type }: JsonObject) =>
    type === 'json_object' ? null : 'keep to "pattern" in a schema',
}
const hello: readonly ChatMessage[] = [{ role: 'user', content: 'hello' }]

function beyond(extra: JsonObject, messages: readonly ChatMessage[] = hello) {
  return beyondLocal({ messages, sampling: {}, extra }, local)
}

test.each<[string, JsonObject]>([
  ['call tools', { tools: [{ type: 'function' }] }],
  ['keep to "pattern" in a schema', { response_format: { type: 'json_schema' } }],
  ['be held to this response format', { response_format: 'json' }],
  ['give so many answers at once', { n: 9 }],
  ['report log-probabilities', { logprobs: true }],
  ['apply this frequency penalty', { frequency_penalty: 3 }],
  ['apply this presence penalty', { presence_penalty: '1' }],
  ['apply this repetition penalty', { repetition_penalty: 0 }],
  [
    'apply a repetition penalty beside others',
    { repetition_penalty: 1.1, frequency_penalty: 0.5, presence_penalty: 0 },
  ],
  ['sample by this top_k', { top_k: 1.5 }],
  ['sample by this min_p', { min_p: -1 }],
  ['sample by top_a', { top_a: 0.5 }],
  ['apply a logit bias', { logit_bias: { '1': 5 } }],
  ['answer with anything but text', { modalities: ['text', 'audio'] }],
  ['use plugins', { plugins: [{ id: 'web' }] }],
  ['reason before it answers', { reasoning: { effort: 'low' } }],
  ['reason before it answers', { reasoning_effort: 'high' }],
])('cannot %s', (what, extra) => {
  expect(beyond(extra)).toEqual({ what, param: Object.keys(extra)[0] })
})

test.each<JsonObject>([
  { tools: [], n: 1, logprobs: false, top_logprobs: 0 },
  { tools: null, response_format: { type: 'text' }, frequency_penalty: 0, presence_penalty: 0 },
  { modalities: ['text'], logit_bias: {}, plugins: [], repetition_penalty: 1, top_k: 0 },
  { response_format: { type: 'json_object' }, n: 8, top_k: 40, min_p: 0.05 },
  { frequency_penalty: 0.5, presence_penalty: -0.5, response_format: null },
  { repetition_penalty: 1.1, frequency_penalty: 0 },
  { reasoning: { enabled: false }, reasoning_effort: 'none', tool_choice: 'auto' },
  { user: 'ann', metadata: {}, provider: { sort: 'price' }, constructor: 'x', toString: 1 },
])('can do what defaults and the provider’s own fields ask for: %o', (extra) => {
  expect(beyond(extra)).toBeNull()
})

test.each<[string, ChatMessage]>([
  ['read an image', { role: 'user', content: [{ type: 'image_url', image_url: { url: '' } }] }],
  ['hear audio', { role: 'user', content: [{ type: 'input_audio' }] }],
  ['read a file', { role: 'user', content: [{ type: 'file' }] }],
  ['read a part of type "hologram"', { role: 'user', content: [{ type: 'hologram' }] }],
  ['read the results of tools', { role: 'tool', content: '5' }],
  ['read tool calls', { role: 'assistant', content: '', extra: { tool_calls: [] } }],
])('cannot %s', (what, message) => {
  expect(beyond({}, [message, ...hello])).toEqual({ what, param: 'messages' })
})

test('cannot hold a conversation that is longer than any tokenizer could make fit', () => {
  const long = [{ role: 'user' as const, content: 'x'.repeat(8 * contextLength + 1) }]

  expect(beyond({}, long)?.what).toMatch(/^hold this conversation: 801 characters/)
  expect(beyond({}, [{ role: 'user', content: 'x'.repeat(8 * contextLength) }])).toBeNull()
})
