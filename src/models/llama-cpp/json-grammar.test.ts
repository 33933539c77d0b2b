import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import { BeyondGrammar, grammarOfFormat } from './json-grammar.ts'
import type { LlamaCpp } from './llama-cpp.ts'
import { startTestStudent } from './test-student.ts'

const { signal } = new AbortController()
let local: LlamaCpp
beforeAll(async () => {
  local = await startTestStudent({ contextSize: 1024 })
})
afterAll(() => local.close())

function formatOf(schema: JsonValue): JsonObject {
  return { type: 'json_schema', json_schema: { name: 'answer', schema } }
}

const word = { type: 'string', maxLength: 6 }
const tree = {
  type: 'object',
  properties: {
    v: { type: 'integer' },
    next: { anyOf: [{ $ref: '#/$defs/tree' }, { type: 'null' }] },
  },
  required: ['v', 'next'],
  additionalProperties: false,
}

test.each<[string, JsonValue]>([
  [
    'required and optional properties',
    {
      type: 'object',
      properties: { a: word, b: { type: 'boolean' }, c: { type: 'null' }, d: word },
      required: ['b', 'd'],
      additionalProperties: false,
    },
  ],
  ['optional properties alone', { type: 'object', properties: { a: word, b: word } }],
  ['an object without properties', { type: 'object', additionalProperties: false }],
  ['a map', { type: 'object', additionalProperties: { enum: [1, 2] } }],
  ['a list of bounded length', { type: 'array', items: word, minItems: 2, maxItems: 3 }],
  ['an empty list', { type: 'array', items: word, maxItems: 0 }],
  ['a string of bounded length', { type: 'string', minLength: 2, maxLength: 4 }],
  [
    'constants with quotes and escapes',
    { enum: ['say "so"', 'back\\slash', 'tab\t', 'é', 1.5, true, null] },
  ],
  ['a constant object', { const: { a: [1, 'x'] } }],
  ['several types', { type: ['boolean', 'null'] }],
  ['alternatives', { anyOf: [{ type: 'boolean' }, { const: 'none' }] }],
  ['a schema of one part', { allOf: [{ type: 'boolean' }] }],
  ['references', { $ref: '#/$defs/tree', $defs: { tree } }],
  [
    'names with quotes',
    { type: 'object', properties: { 'a "b"': { const: 1 } }, required: ['a "b"'] },
  ],
  [
    'what annotations say',
    { title: 'T', description: 'd', $schema: 'x', type: 'boolean', default: true },
  ],
])('samples fit a schema of %s', async (_name, schema) => {
  const ajv = new Ajv2020({ strict: false })
  const { $schema: _, ...plain } = schema as JsonObject
  const validate = ajv.compile(plain)

  const answer = await local.forAgent('king').answer(
    {
      messages: [{ role: 'user', content: 'Say anything.' }],
      sampling: { temperature: 1.2, seed: 11, maxTokens: 400 },
      extra: { response_format: formatOf(schema), n: 6 },
    },
    { signal },
  )

  const others = (answer.unread?.otherChoices ?? []).map((choice) => ({
    text: (choice['message'] as { content: string }).content,
    finishReason: choice['finish_reason'],
  }))
  const whole = [answer, ...others].filter(({ finishReason }) => finishReason === 'stop')
  expect(whole.length).toBeGreaterThan(0)
  for (const { text } of whole) {
    expect(validate(JSON.parse(text)), `${text}: ${ajv.errorsText(validate.errors)}`).toBe(true)
  }
})

test.each<[string, JsonValue]>([
  ['keep to "pattern" in a schema', { type: 'string', pattern: 'a' }],
  ['keep to "format" in a schema', { type: 'string', format: 'email' }],
  ['keep to "minimum" in a schema', { type: 'integer', minimum: 3 }],
  ['keep to "uniqueItems" in a schema', { type: 'array', uniqueItems: true }],
  ['keep to "not" in a schema without a type', { not: { type: 'string' } }],
  ['keep to "type" in a schema', { type: 'object', anyOf: [{ type: 'object' }] }],
  ['keep to several schemas at once (allOf)', { allOf: [{ type: 'string' }, { minLength: 1 }] }],
  ['keep to "maxLength": 5000', { type: 'string', maxLength: 5000 }],
  ['keep to a schema that nothing fits', false],
  ['keep to the type "date"', { type: 'date' }],
  [
    'give required properties that the schema does not describe',
    { type: 'object', required: ['a'] },
  ],
  [
    'add properties to those that the schema describes',
    {
      type: 'object',
      properties: { a: true },
      additionalProperties: true,
    },
  ],
  ['give more items than it may', { type: 'array', minItems: 3, maxItems: 2 }],
  ['follow the reference "https://example.org/x"', { $ref: 'https://example.org/x' }],
  ['follow the reference "#/$defs/__proto__"', { $ref: '#/$defs/__proto__', $defs: {} }],
  ['follow the reference "#/$defs/%zz"', { $ref: '#/$defs/%zz', $defs: {} }],
  [
    'keep to a schema that refers to itself',
    {
      $ref: '#/$defs/a',
      $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } },
    },
  ],
  ['keep to so deep a schema', nested(70)],
  ['keep to a schema of 20012 characters', { title: 'x'.repeat(20_000) }],
])('cannot %s', (what, schema) => {
  const make = () => grammarOfFormat(formatOf(schema))

  expect(make).toThrow(BeyondGrammar)
  expect(make).toThrow(what)
})

test.each<[string, JsonObject]>([
  ['answer in the format "grammar"', { type: 'grammar', grammar: 'root ::= "x"' }],
  ['answer in the format null', {}],
  ['keep to a schema that is not there', { type: 'json_schema', json_schema: { name: 'x' } }],
])('cannot %s', (what, format) => {
  expect(() => grammarOfFormat(format)).toThrow(what)
})

function nested(depth: number): JsonValue {
  return depth === 0 ? true : { type: 'array', items: nested(depth - 1) }
}
