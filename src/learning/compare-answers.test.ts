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
