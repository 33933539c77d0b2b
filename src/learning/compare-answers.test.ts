import { expect, test } from 'vitest'
import type { CodeRunner } from '../kernel/code-runner.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import { compareAnswers } from './compare-answers.ts'

const noCode: CodeRunner = {
  run: () => Promise.reject(new Error('no code is to be run')),
  close: () => Promise.resolve(),
}

const task = { messages: [] }

test.each([
  [
    'keys in another order and other spacing',
    '{"a":1,"b":[true,null]}',
    '{ "b": [true, null], "a": 1.0 }',
  ],
  ['JSON in a fence', '```json\n{"a": "x"}\n```', '{"a":"x"}'],
])('finds JSON equal: %s', async (_name, candidate, reference) => {
  const comparison = await compareAnswers({ task, candidate, reference }, noCode)

  expect(comparison).toEqual({ method: 'json', verdict: 'both' })
})

test.each([
  ['another value', '{"a":1}', '{"a":2}'],
  ['a number as text', '{"a":"1"}', '{"a":1}'],
  ['a missing key', '{"a":1}', '{"a":1,"b":null}'],
  ['a key of the prototype', '{"constructor":1}', '{"a":1}'],
  ['another order in a list', '[1,2]', '[2,1]'],
  ['an object for a list', '{"0":1}', '[1]'],
])('finds JSON different: %s', async (_name, candidate, reference) => {
  const comparison = await compareAnswers({ task, candidate, reference }, noCode)

  expect(comparison).toEqual({ method: 'json', verdict: 'reference-only' })
})

test.each([
  ['spaces around and line ends', '  one\r\ntwo  \n', 'one\ntwo'],
  ['composed characters', 'cafe\u0301', 'caf\u00e9'],
  ['a full stop at the end', 'Paris.', 'Paris'],
  ['quotes around', '"Paris"', 'Paris'],
])('takes texts for equal that differ in %s', async (_name, candidate, reference) => {
  const comparison = await compareAnswers({ task, candidate, reference }, noCode)

  expect(comparison).toEqual({ method: 'exact', verdict: 'both' })
})

test.each([
  ['case', 'paris', 'Paris'],
  ['an ellipsis', 'well...', 'well..'],
  ['quotes inside', '"a" and "b"', 'a" and "b'],
  ['JSON against prose', '{"a":1}', 'a is 1'],
  ['prose around JSON', 'Here: {"a":1}', '{"a":1}'],
])('takes texts for different that differ in %s', async (_name, candidate, reference) => {
  const comparison = await compareAnswers({ task, candidate, reference }, noCode)

  expect(comparison).toEqual({ method: 'exact', verdict: 'reference-only' })
})

test.each([
  ['right', 'right', 'both'],
  ['right', 'wrong', 'local-only'],
  ['wrong', 'right', 'reference-only'],
  ['wrong', 'wrong', 'neither'],
] as const)('asks the verifier: %s against %s gives %s', async (candidate, reference, verdict) => {
  const verifier: TaskVerifier = { type: 'unit-tests', language: 'javascript', tests: '' }
  const codeRunner: CodeRunner = {
    run: (code) =>
      Promise.resolve(code === 'right' ? { passed: true } : { passed: false, reason: 'wrong' }),
    close: () => Promise.resolve(),
  }

  const comparison = await compareAnswers(
    { task: { messages: [], verifier }, candidate, reference },
    codeRunner,
  )

  expect(comparison).toEqual({ method: 'unit-tests', verdict })
})

test.each([
  ['decimals of no meaning', '42.0', '42'],
  ['separators of thousands', '$1,200.50', '$1200.50'],
  ['a rounded last digit', '3.14', '3.1416'],
  ['a minus of another form', '\u22127', '-7'],
  ['a space before the unit', '3.5km', '3.5 km'],
])('finds numbers equal that differ in %s', async (_name, candidate, reference) => {
  const comparison = await compareAnswers({ task, candidate, reference }, noCode)

  expect(comparison).toEqual({ method: 'numeric', verdict: 'both' })
})

test.each([
  ['whole numbers', '41', '42'],
  ['more than rounding', '3.15', '3.1416'],
  ['the unit', '3.5 km', '3.5 m'],
  ['the currency', '$5', '€5'],
  ['a whole number and one with decimals', '3', '3.14'],
  ['the sign', '-2.5', '2.5'],
])('finds numbers different in %s', async (_name, candidate, reference) => {
  const comparison = await compareAnswers({ task, candidate, reference }, noCode)

  expect(comparison).toEqual({ method: 'numeric', verdict: 'reference-only' })
})

test.each(['It is 42', '1.2.3', '1,20', '12:30', '2026-11-28'])(
  'takes %s for text and not for a number',
  async (reference) => {
    const comparison = await compareAnswers({ task, candidate: '42', reference }, noCode)

    expect(comparison).toMatchObject({ method: 'exact' })
  },
)

const passing = (text: string): CodeRunner => ({
  run: (code) =>
    Promise.resolve(code === text ? { passed: true } : { passed: false, reason: 'wrong' }),
  close: () => Promise.resolve(),
})

test('records that another comparator saw it otherwise, and lets the tests decide', async () => {
  const verifier: TaskVerifier = { type: 'unit-tests', language: 'javascript', tests: '' }

  const comparison = await compareAnswers(
    { task: { messages: [], verifier }, candidate: '3.14', reference: '3.1416' },
    passing('3.1416'),
  )

  expect(comparison).toEqual({
    method: 'unit-tests',
    verdict: 'reference-only',
    secondOpinions: [{ method: 'numeric', verdict: 'both' }],
  })
})

test('asks what free texts mean only where nothing simpler can tell, and records who disagrees', async () => {
  const asked: string[] = []
  const judging = (verdict: 'both' | 'reference-only' | null) => ({
    method: 'exact' as const,
    compare: ({ candidate }: { readonly candidate: string }) => {
      asked.push(candidate)
      return Promise.resolve(verdict)
    },
  })
  const judges = [judging(null), judging('both'), judging('reference-only')]

  const simple = await compareAnswers({ task, candidate: '42', reference: '42' }, noCode, judges)
  const free = await compareAnswers(
    { task, candidate: 'By train.', reference: 'One takes the train.' },
    noCode,
    judges,
  )

  expect(simple).toEqual({ method: 'exact', verdict: 'both' })
  expect(asked).toEqual(['By train.', 'By train.', 'By train.'])
  expect(free).toEqual({
    method: 'exact',
    verdict: 'both',
    secondOpinions: [{ method: 'exact', verdict: 'reference-only' }],
  })
})
