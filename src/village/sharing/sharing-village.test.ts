import { beforeEach, expect, test } from 'vitest'
import type { ChatRequest, ModelAnswer } from '../../kernel/chat.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import { requestKey } from './request-key.ts'
import {
  allOf,
  answered,
  ask,
  hitsOf,
  isHit,
  openSharing,
  resetState,
  signal,
  state,
} from './sharing-fixtures.ts'
import type { AnswerInput } from '../village-service.ts'

beforeEach(resetState)

test('an equal request gets the answer again, at no cost and under a decision of its own', async () => {
  const { village } = openSharing()
  const first = await village.answer(ask(), { signal })

  const second = await village.answer(ask(), { signal })

  expect(state.calls).toHaveLength(1)
  expect(second.answer).toMatchObject({
    text: first.answer.text,
    usage: { promptTokens: 3, cost: 0 },
  })
  expect(second.decision).toMatchObject({
    taskId: first.decision.taskId,
    interactionId: first.decision.interactionId,
    cost: 0,
    alwaysFrontierCost: 700,
    reused: { decisionId: first.decision.id, from: 'cache' },
  })
  expect(second.decision.id).not.toBe(first.decision.id)
  expect(state.committed).toEqual([{ type: 'decision', record: second.decision }])
})

test("no tenant ever gets another tenant's answer, and a request without one shares nothing", async () => {
  const { village } = openSharing({ mode: 'on' })
  const { tenant: _, ...nobody } = ask()
  // Chosen so that keys made by joining strings would be equal.
  const spliced = ask({ tenant: 'key_1","village' })

  const hits = await hitsOf(village, ask(), ask({ tenant: 'key_2' }), spliced, nobody, nobody)

  expect(hits).toEqual([false, false, false, false, false])
})

test.each<[string, AnswerInput]>([
  ['the model', ask({ requestedModel: 'village/sage' })],
  ['the messages', ask({}, { messages: [{ role: 'user', content: 'Hello ' }] })],
  ['a role', ask({}, { messages: [{ role: 'system', content: 'Hello' }] })],
  ['the temperature', ask({}, { sampling: { temperature: 0.1 } })],
  ['another sampling field', ask({}, { sampling: { temperature: 0, maxTokens: 5 } })],
  ['a field that is passed through', ask({}, { extra: { reasoning: { effort: 'high' } } })],
  [
    'a field of a message',
    ask({}, { messages: [{ role: 'user', content: 'Hello', extra: { name: 'Bo' } }] }),
  ],
  ['a field of the input that this test makes up', { ...ask(), later: 1 } as AnswerInput],
])('%s is part of the key', async (_, different) => {
  const { village } = openSharing()

  expect(await hitsOf(village, ask(), different, ask())).toEqual([false, false, true])
})

test('what does not change an answer is not part of the key', async () => {
  const { village } = openSharing()
  const verifier = { type: 'unit-tests', language: 'javascript', tests: 'x' } as const

  const hits = await hitsOf(
    village,
    ask({ decisionId: 'dec_a' }),
    ask({ verifier }),
    ask({ streamed: true }),
    ask({ decisionId: 'dec_b' }),
  )

  expect(hits).toEqual([false, true, true, true])
})

test('lone surrogates are told apart', async () => {
  const { village } = openSharing()
  const high = ask({}, { messages: [{ role: 'user', content: '\ud83d' }] })
  const low = ask({}, { messages: [{ role: 'user', content: '\ud83e' }] })

  expect(await hitsOf(village, high, low)).toEqual([false, false])
})

test('by default an answer is kept only where the request asks for it', async () => {
  const { village } = openSharing()
  const { cache: _, ...silent } = ask()

  expect(await hitsOf(village, silent, silent, ask(), ask(), silent)).toEqual([
    false,
    false,
    false,
    true,
    false,
  ])
})

test('switched on, it keeps what wants the same answer again and nothing else', async () => {
  const { village } = openSharing({ mode: 'on' })
  const silent = (request: Partial<ChatRequest>): AnswerInput => {
    const { cache: _, ...rest } = ask({}, request)
    return rest
  }
  const tools = silent({ extra: { tools: [{ type: 'function' }] } })
  const web = silent({ extra: { plugins: [{ id: 'web' }] } })
  const hot = silent({ sampling: { temperature: 0.2 } })
  const unsaid = silent({ sampling: {} })

  expect(await hitsOf(village, silent({}), silent({}))).toEqual([false, true])
  for (const request of [tools, web, hot, unsaid]) {
    expect(await hitsOf(village, request, request)).toEqual([false, false])
  }
})

test('a request at a high temperature gets a kept answer when it asks for one', async () => {
  const { village } = openSharing()
  const hot = ask({}, { sampling: { temperature: 1.5 } })

  expect(await hitsOf(village, hot, hot)).toEqual([false, true])
})

test('switched off, nothing is kept, and `false` keeps one request out', async () => {
  const off = openSharing({ mode: 'off' })
  const on = openSharing({ mode: 'on' })
  const refusing = ask({ cache: { asked: false } })

  expect(await hitsOf(off.village, ask(), ask())).toEqual([false, false])
  expect(await hitsOf(on.village, ask(), refusing, refusing)).toEqual([false, false, false])
})

test('no-store neither gives nor keeps; no-cache gives nothing and keeps the new answer', async () => {
  const { village } = openSharing()
  const noStore = ask({ cache: { asked: true, noStore: true } })
  const noCache = ask({ cache: { asked: true, fresh: true } })

  expect(await hitsOf(village, noStore, ask(), noStore)).toEqual([false, false, false])
  await village.answer(noCache, { signal })
  const last = await village.answer(ask(), { signal })

  expect(last.answer.text).toBe('answer 4')
})

test('max-age bounds the age of a kept answer', async () => {
  const { village } = openSharing()
  const within = ask({ cache: { asked: true, maxAgeMs: 2_000 } })
  await village.answer(ask(), { signal })
  state.nowMs += 2_000

  expect(await hitsOf(village, within)).toEqual([true])
  state.nowMs += 1
  expect(await hitsOf(village, within, within)).toEqual([false, true])
})

test('a request that the village does not take gets no kept answer either', async () => {
  const { village } = openSharing()
  await village.answer(ask(), { signal })

  state.refused = ask().requestedModel

  await expect(village.answer(ask(), { signal })).rejects.toThrow('not for you')
  await expect(allOf(village.stream(ask(), { signal }))).rejects.toThrow('not for you')
})

test('another origin of answers has keys of its own', () => {
  const keys = ['simulated', 'real'].map((origin) => requestKey(ask(), 'key_1', origin))

  expect(keys[0]).not.toBe(keys[1])
})

test('a hit is streamed where a stream is asked for, tool state.calls with their index', async () => {
  const { village } = openSharing()
  const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }
  state.script = async function* () {
    yield answered('So:', { finishReason: 'tool_calls', extra: { tool_calls: [call] } })
  }
  await village.answer(ask(), { signal })

  const events = await allOf(village.stream(ask({ streamed: true }), { signal }))

  expect(state.calls).toHaveLength(1)
  expect(events).toMatchObject([
    { type: 'text', text: 'So:' },
    { type: 'delta', extra: { tool_calls: [{ index: 0, id: 'call_1' }] } },
    { type: 'answered', answered: { decision: { reused: { from: 'cache' } } } },
  ])
})

test.each<[string, string, Partial<ModelAnswer>]>([
  ['an empty answer', '', {}],
  ['an answer that failed', 'so far', { finishReason: 'error' }],
  ['a filtered answer', 'I', { finishReason: 'content_filter' }],
  ['one of several answers', 'I', { unread: { otherChoices: [{ index: 1 }] } }],
  ['an answer with log-probabilities', 'I', { unread: { choice: { logprobs: {} } } }],
])('%s is never kept', async (_, text, more) => {
  const { village } = openSharing()
  state.script = async function* () {
    yield answered(text, more)
  }

  expect(await hitsOf(village, ask(), ask())).toEqual([false, false])
})

test('an answer that state.calls tools is kept only where the request asks for it', async () => {
  const { village } = openSharing({ mode: 'on' })
  state.script = async function* () {
    yield answered('', { finishReason: 'tool_calls', extra: { tool_calls: [{ id: 'call_1' }] } })
  }
  const { cache: _, ...silent } = ask()

  expect(await hitsOf(village, silent, silent)).toEqual([false, false])
  expect(await hitsOf(village, ask(), ask())).toEqual([false, true])
})

test('nothing is kept of a stream that failed in the middle', async () => {
  const { village } = openSharing()
  state.script = async function* () {
    yield { type: 'text', text: 'half an ' }
    throw new ModelCallError('the upstream broke', { model: 'vendor/model', midStream: true })
  }
  await expect(allOf(village.stream(ask({ streamed: true }), { signal }))).rejects.toThrow('broke')

  state.script = async function* () {
    yield answered('whole')
  }
  const next = await village.answer(ask(), { signal })

  expect([isHit(next), next.answer.text]).toEqual([false, 'whole'])
})

test('nothing is kept of a stream that the client cancelled', async () => {
  const { village } = openSharing()
  const client = new AbortController()
  state.script = async function* (_, callSignal) {
    yield { type: 'text', text: 'half an ' }
    callSignal.throwIfAborted()
    yield answered('half an answer')
  }
  const stream = village.stream(ask({ streamed: true }), { signal: client.signal })
  await stream.next()

  client.abort(new Error('gone'))
  await expect(stream.next()).rejects.toThrow('gone')

  expect(state.calls[0]?.signal.aborted).toBe(true)
  expect(await hitsOf(village, ask())).toEqual([false])
  expect(village.answering).toBe(0)
})

test('a local answer begun before its weights were replaced is not kept', async () => {
  const { village, cache } = openSharing()
  state.script = async function* () {
    cache.invalidate({ localAgent: 'king' })
    yield answered('of the old weights')
  }

  expect(await hitsOf(village, ask(), ask())).toEqual([false, false])
})

test('a tenant forgets its own answers, also by a decision that was itself a hit', async () => {
  const { village } = openSharing()
  await village.answer(ask(), { signal })
  const hit = await village.answer(ask(), { signal })

  expect(await village.forgetAnswers('key_2', {})).toBe(0)
  expect(await village.forgetAnswers('key_1', { decisionId: hit.decision.id })).toBe(1)
  expect(await hitsOf(village, ask())).toEqual([false])
})
