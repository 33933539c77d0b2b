import { expect, test } from 'vitest'
import { isSameAnswer } from './answer-equality.ts'

test.each([
  ['json', '{ "b": 1, "a": "x" }', '{"a":"x","b":1}', true],
  ['json', '```json\n{"a":"x"}\n```', '{"a":"x"}', true],
  ['json', '{"a":"y"}', '{"a":"x"}', false],
  ['json', 'a: x', '{"a":"x"}', false],
  ['text', ' Lyon. ', 'lyon', true],
  ['text', 'Lyons', 'Lyon', false],
  ['code', 'function f(x){ return x+1 }', 'function f(x) { return x + 1; }', true],
  ['code', '```js\nconst a = "b c"\n```', "const a = 'b c';", true],
  ['code', "const a = 'b  c';", "const a = 'b c';", false],
  ['code', 'SELECT a FROM b LIMIT 3', 'SELECT a FROM b LIMIT 4', false],
] as const)('as %s, %j against %j is %s', (format, answer, reference, same) => {
  expect(isSameAnswer(answer, reference, format)).toBe(same)
})
