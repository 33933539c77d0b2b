import { expect, test } from 'vitest'
import { textProblem } from './answer-format.ts'

const format = (schema: Record<string, unknown>) =>
  JSON.parse(JSON.stringify({ type: 'json_schema', json_schema: { name: 'answer', schema } }))

test('says what an answer lacks of its schema', () => {
  const named = format({ type: 'object', properties: { name: { type: 'string' } } })

  const problems = ['{"name":"Ada"}', '{"name":1}', 'Ada'].map((text) => textProblem(text, named))

  expect(problems).toEqual([
    null,
    'it did not fit the schema: data/name must be string',
    'it was not JSON',
  ])
})

test.each([
  { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } },
  { type: 'object', patternProperties: { '^(a+)+$': { type: 'string' } } },
])('never runs a pattern that a client sent, which could take for ever: %o', (schema) => {
  const long = JSON.stringify({ name: `${'a'.repeat(60)}!`, [`${'a'.repeat(60)}!`]: 'x' })

  const problem = textProblem(long, format(schema))

  expect(problem).toContain('patterns of a request are not run')
})

test('says of a schema that cannot be read that nothing fits it', () => {
  expect(textProblem('{}', format({ type: 'nothing' }))).toContain('its schema cannot be read')
})
