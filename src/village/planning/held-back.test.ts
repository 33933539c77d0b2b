import { expect, test } from 'vitest'
import { noUsage } from '../../kernel/chat.ts'
import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'
import { HandedOver, judgeWhole, watchStream } from './held-back.ts'
import type { AnswerVerdict, Watched } from './held-back.ts'
import type { SeenAnswer } from './seen-answer.ts'
import { profileOf } from '../../routing/text-profile.ts'

const { signal } = new AbortController()
const words = ['one ', 'two ', 'three ', 'four ', 'five ']
const answer: ModelAnswer = {
  text: words.join(''),
  finishReason: 'stop',
  usage: noUsage,
  model: 'local/king',
  latencyMs: 1,
  retries: 0,
  meanLogProbability: -0.3,
  leastLogProbability: -2,
}

/** Two tokens a word; notes how many words were read, and whether the reader left early. */
function speaking(count = words.length) {
  const state = { read: 0, left: true }
  async function* events(): AsyncGenerator<ChatEvent> {
    try {
      for (const text of words.slice(0, count)) {
        state.read += 1
        yield {
          type: 'text',
          text,
          confidence: { tokens: 2, logProbability: -state.read, leastLogProbability: -state.read },
        }
        await Promise.resolve()
      }
      state.left = false
      if (count === words.length) yield { type: 'finish', answer }
      else throw new Error('the model died')
    } finally {
      state.left = state.left && state.read < count
    }
  }
  return { events: events(), state }
}

function judging(leaves: boolean) {
  const seen: SeenAnswer[] = []
  const verdict: AnswerVerdict = {
    leaves,
    reason: 'Handed over to the frontier: a test wants it.',
    complexity: 0.9,
    weighed: [],
    features: { answer: profileOf(''), signals: new Float32Array() },
  }
  const judge = (one: SeenAnswer): Promise<AnswerVerdict> => {
    seen.push(one)
    return Promise.resolve(verdict)
  }
  return { seen, watch: { beginningTokens: 4, judge } }
}

test('holds the beginning back until it was judged, and then passes all of it on', async () => {
  const { events, state } = speaking()
  const { seen, watch } = judging(true)
  const passed: ChatEvent[] = []
  let readBeforeFirst = 0

  for await (const event of watchStream(events, watch, { signal, onSeen: () => undefined })) {
    if (passed.length === 0) readBeforeFirst = state.read
    passed.push(event)
  }

  expect(readBeforeFirst).toBe(2)
  expect(seen).toEqual([
    {
      text: 'one two ',
      isWhole: false,
      isCutOff: false,
      meanLogProbability: -0.75,
      leastLogProbability: -2,
    },
  ])
  expect(passed.map((event) => (event.type === 'text' ? event.text : event.type))).toEqual([
    ...words,
    'finish',
  ])
})

test('passes nothing of a rejected beginning on, and reads the rest for the comparison', async () => {
  const { events, state } = speaking()
  const { watch } = judging(false)

  const error = await watchStream(events, watch, { signal, onSeen: () => undefined })
    .next()
    .catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(HandedOver)
  if (!(error instanceof HandedOver)) return
  expect(error.seen.text).toBe('one two ')
  expect(await error.whole).toBe(answer)
  expect(state).toEqual({ read: 5, left: false })
})

test('a rejected answer that breaks off is no label, and no failure of anyone', async () => {
  const { watch } = judging(false)

  const error = await watchStream(speaking(3).events, watch, { signal, onSeen: () => undefined })
    .next()
    .catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(HandedOver)
  expect(await (error as HandedOver).whole).toBeNull()
})

test('judges a short answer as a whole, streamed or not', async () => {
  const { seen, watch } = judging(true)
  const long = { ...watch, beginningTokens: 100 }
  const watched: Watched[] = []

  const whole = await judgeWhole(answer, long, signal)
  for await (const event of watchStream(speaking().events, long, {
    signal,
    onSeen: (one) => void watched.push(one),
  })) {
    expect(watched).toHaveLength(1)
    expect(event).toBeDefined()
  }

  expect(seen[0]).toEqual(seen[1])
  expect(seen[0]).toMatchObject({ isWhole: true, meanLogProbability: -0.3 })
  expect(watched[0]?.seen).toEqual(whole.seen)
})

test('lets an answer that is only watched leave as it comes, and ends it when its reader leaves', async () => {
  const { events, state } = speaking()
  const watch = { beginningTokens: 4, judge: null }

  for await (const event of watchStream(events, watch, { signal, onSeen: () => undefined })) {
    expect(event).toMatchObject({ type: 'text', text: 'one ' })
    break
  }

  expect(state).toEqual({ read: 1, left: true })
})
