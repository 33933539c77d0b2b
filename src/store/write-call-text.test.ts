import { expect, test } from 'vitest'
import { callOfText, isWholeCall, textOfCall } from './write-call-text.ts'
import type { WriteCall } from './commit-group.ts'

const record = JSON.stringify({ answer: 'a\tb\nc "quoted" \\t 日本', usage: { cost: 3 } })
const call: WriteCall = [
  { statement: 'interactions', values: ['int_1', 'king', 'task_1', 5, record, 'serve'] },
  { statement: 'spend_by_day', values: ['key_1', 20_000, 3] },
  { statement: 'states', values: ['key', 'a\tb'] },
  { statement: 'decisions', values: ['dec_1', null, 'task_1', 5, '{"id":"dec_1"}', 'kind'] },
]

test('a call is read back as it was, whatever its records hold, and is one line', () => {
  const text = textOfCall(call)

  expect(callOfText(text)).toEqual(call)
  expect(text).not.toContain('\n')
})

test('records stand in the line as the JSON that they are', () => {
  const [, ...records] = textOfCall(call).split('\t')

  expect(records).toEqual([record, '{"id":"dec_1"}'])
})

test('a line of an earlier version, with its records as text within text, is read too', () => {
  const line = JSON.stringify(call)

  expect(isWholeCall(line)).toBe(true)
  expect(callOfText(line)).toEqual(call)
})

test('a line that lost its end anywhere is not whole', () => {
  const text = textOfCall(call)
  const cuts = Array.from({ length: text.length - 1 }, (_, at) => text.slice(0, at + 1))

  const taken = cuts.filter(isWholeCall)

  expect(taken).toEqual([])
  expect(isWholeCall(text)).toBe(true)
})
