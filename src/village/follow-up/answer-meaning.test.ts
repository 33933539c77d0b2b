import { beforeEach, expect, test } from 'vitest'
import type { Comparison, Feedback } from '../../kernel/comparison.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { JsonValue } from '../../kernel/json.ts'
import { createSampleEmbedder } from '../../kernel/sample-embedder.ts'
import type { AnswerPair } from '../../learning/compare-answers.ts'
import { SemanticEquality } from '../../learning/semantic-equality.ts'
import { AnswerMeaning, groupOf } from './answer-meaning.ts'

const options = {
  embedder: createSampleEmbedder(),
  differs: () => null,
  maxWrongShare: 0.05,
  delta: 0.1,
}
const group = groupOf({ agent: 'king', kind: 'mail' })

let saved: Map<string, JsonValue>
let interactions: Map<string, string>
let comparisons: Partial<Comparison>[]
let meaning: AnswerMeaning

beforeEach(() => {
  saved = new Map()
  interactions = new Map([
    ['int_local', 'the parcel is late'],
    ['int_frontier', 'late is the parcel'],
  ])
  comparisons = []
  meaning = open()
})

function open(state: JsonValue | null = null): AnswerMeaning {
  return new AnswerMeaning({
    equality: new SemanticEquality(options, state),
    ledger: {
      get: async (_: string, id: string) => {
        const answer = interactions.get(id)
        return (answer === undefined ? null : { answer, messages: [] }) as never
      },
      list: async () => comparisons as never,
    },
    states: { load: async () => null, save: async (key, value) => void saved.set(key, value) },
    onError: (error) => {
      throw error
    },
  })
}

const pair: AnswerPair = {
  task: { messages: [], group },
  candidate: 'the parcel is late',
  reference: 'late is the parcel',
}

const decision = {
  id: 'dec_1',
  taskId: 'task_1',
  agent: 'king',
  kind: 'mail',
  route: 'local',
  interactionId: 'int_local',
} as Decision

function saying(change: Partial<Feedback>): Feedback {
  return { decisionId: 'dec_1', rating: 1, correction: null, ...change } as Feedback
}

const verdict = () => meaning.comparator.compare(pair)

test('learns from what tests found of two answers, and from nothing else', async () => {
  for (let at = 0; at < 128; at += 1) {
    await meaning.learnFromTests(pair, { method: 'exact', verdict: 'both' })
    await meaning.learnFromTests(pair, { method: 'unit-tests', verdict: 'neither' })
  }
  const before = await verdict()
  for (let at = 0; at < 128; at += 1) {
    await meaning.learnFromTests(pair, { method: 'unit-tests', verdict: 'both' })
  }

  expect([before, await verdict()]).toEqual([null, 'both'])
})

test('a user who finds a local answer good says that it means what the frontier’s meant', async () => {
  comparisons = [
    {
      candidateInteractionId: 'int_local',
      referenceInteractionId: 'int_frontier',
      method: 'exact',
      verdict: 'reference-only',
    },
  ]

  for (let at = 0; at < 128; at += 1) await meaning.learnFromFeedback(saying({}), decision)

  expect(await verdict()).toBe('both')
})

test('a correction differs from what was answered', async () => {
  const feedback = saying({ rating: -1, correction: 'late is the parcel' })

  for (let at = 0; at < 128; at += 1) await meaning.learnFromFeedback(feedback, decision)

  expect(await verdict()).toBe('reference-only')
})

test.each([
  ['on a frontier answer', { ...decision, route: 'frontier' }],
  ['where nothing was there to compare with', decision],
  [
    'on an answer that was given to a similar request',
    {
      ...decision,
      reused: { from: 'semantic' },
    },
  ],
  ['on a model that the client named', { ...decision, agent: null }],
])('praise %s teaches nothing', async (_, other) => {
  await meaning.learnFromFeedback(saying({}), other as Decision)
  await meaning.saved()

  expect(saved.size).toBe(0)
})

test('what was learnt is saved and taken up', async () => {
  for (let at = 0; at < 128; at += 1) {
    await meaning.learnFromTests(pair, { method: 'unit-tests', verdict: 'both' })
  }
  await meaning.saved()

  meaning = open(saved.get('answer-meaning') ?? null)

  expect(await verdict()).toBe('both')
})
