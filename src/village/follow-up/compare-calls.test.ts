import { beforeEach, expect, test } from 'vitest'
import type { CodeRunner } from '../../kernel/code-runner.ts'
import { createManualClock } from '../../kernel/manual-clock.ts'
import { createIds } from '../../kernel/ids.ts'
import { seededRandom } from '../../kernel/random.ts'
import { createSampleEmbedder } from '../../kernel/sample-embedder.ts'
import type { Task } from '../../kernel/task.ts'
import { SemanticEquality } from '../../learning/semantic-equality.ts'
import { AnswerMeaning } from './answer-meaning.ts'
import type { ModelCall } from '../answering/model-call.ts'
import { compareCalls } from './compare-calls.ts'

const clock = createManualClock()
const ids = createIds(clock, seededRandom(1))
const verifier = { type: 'unit-tests', language: 'javascript', tests: 'x' } as const
/** Every answer is right. */
const codeRunner: CodeRunner = {
  run: () => Promise.resolve({ passed: true }),
  close: () => Promise.resolve(),
}

let meaning: AnswerMeaning

beforeEach(() => {
  meaning = new AnswerMeaning({
    equality: new SemanticEquality({
      embedder: createSampleEmbedder(),
      differs: () => null,
      maxWrongShare: 0.05,
      delta: 0.1,
    }),
    ledger: { get: () => Promise.resolve(null), list: () => Promise.resolve([]) },
    states: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
    onError: (error) => {
      throw error
    },
  })
})

function taskOf(kind: string, more: Partial<Task> = {}): Task {
  return { id: 'task_1', agent: 'king', kind, request: { messages: [] }, ...more } as Task
}

function calls() {
  const call = (id: string, text: string) =>
    ({ interaction: { id, checkpoint: null }, answer: { text } }) as ModelCall
  return {
    candidate: call('int_local', 'the parcel comes late'),
    reference: call('int_frontier', 'late comes the parcel'),
  }
}

const how = { source: 'audit', probability: 0.2 } as const

async function compare(task: Task, withMeaning: AnswerMeaning | null = meaning) {
  const ports = { clock, ids, codeRunner, meaning: withMeaning }
  const comparison = await compareCalls(task, calls(), how, ports)
  return [comparison?.method, comparison?.verdict]
}

test('what tests showed of a kind decides where a task of that kind has none', async () => {
  const before = await compare(taskOf('mail'))
  for (let at = 0; at < 128; at += 1) await compare(taskOf('mail', { verifier }))

  expect(before).toEqual(['exact', 'reference-only'])
  expect(await compare(taskOf('mail'))).toEqual(['semantic', 'both'])
  expect(await compare(taskOf('letter'))).toEqual(['exact', 'reference-only'])
})

test('without the comparator of meaning, different texts count against the candidate', async () => {
  for (let at = 0; at < 128; at += 1) await compare(taskOf('mail', { verifier }))

  expect(await compare(taskOf('mail'), null)).toEqual(['exact', 'reference-only'])
})

test('nothing is compared where an answer is missing', async () => {
  const ports = { clock, ids, codeRunner, meaning }

  expect(await compareCalls(taskOf('mail'), { ...calls(), reference: null }, how, ports)).toBeNull()
})
