import { beforeEach, expect, test } from 'vitest'
import type { ChatRequest } from '../../kernel/chat.ts'
import {
  checks,
  isAudited,
  nextOf,
  openBand,
  openFixture,
  orders,
  sameAnswer,
  saying,
  semanticHits,
  words,
} from './semantic-fixtures.ts'
import { allOf, answered, resetState, signal, state } from './sharing-fixtures.ts'
import type { AnsweredTask, AnswerInput } from '../village-service.ts'

beforeEach(resetState)

/** By the words that they share, all of these are similar, and their answer is the same. */
const variants = [
  'how can i reset my password',
  'reset my password how can i',
  'my password how can i reset',
]

test('starts closed: a similar request is answered by the model and compared for nothing', async () => {
  const { village, semantic } = openFixture()
  sameAnswer()

  for (const text of variants) await village.answer(saying(text), { signal })
  await semantic.idle()

  expect(state.calls).toHaveLength(3)
  expect(checks()).toMatchObject([
    { tenant: 'key_1', probability: 1, wrong: false, hitDecisionId: null, band: 0 },
    { tenant: 'key_1', probability: 1, wrong: false, hitDecisionId: null, band: 0 },
  ])
})

test('streams are compared as whole answers are', async () => {
  const { village, semantic } = openFixture()
  sameAnswer()

  for (const text of variants) {
    await allOf(village.stream(saying(text, { streamed: true }), { signal }))
  }
  await semantic.idle()

  expect(checks().map(({ wrong }) => wrong)).toEqual([false, false])
})

test('once comparisons have shown it, the kept answer is given, at no cost and saying so', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)

  const given = await fixture.village.answer(saying(nextOf(texts)), { signal })

  expect(given.decision).toMatchObject({ cost: 0, reused: { from: 'semantic', audited: false } })
  expect(given.decision.reused).toHaveProperty('auditProbability', 0.2)
  expect(given.decision.reason).toMatch(/similar request was kept .* similarity 1\.00/)
  expect(given.answer).toMatchObject({ text: 'By the link.', usage: { cost: 0 } })
})

test('a similar answer is streamed to who asks for a stream', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)

  const events = await allOf(
    fixture.village.stream(saying(nextOf(texts), { streamed: true }), { signal }),
  )

  expect(events).toMatchObject([
    { type: 'text', text: 'By the link.' },
    { type: 'answered', answered: { decision: { reused: { from: 'semantic' } } } },
  ])
})

test('answers that are wrong keep it closed', async () => {
  const fixture = openFixture()

  const texts = await openBand(fixture)
  const next = await fixture.village.answer(saying(nextOf(texts)), { signal })

  expect(next.decision.reused).toBeUndefined()
  expect(checks().at(-1)).toMatchObject({ wrong: true })
})

test('what is given is audited with the logged probability, at the village’s cost', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)
  const before = checks().length
  state.calls.length = 0

  const given: AnsweredTask[] = []
  for (let asked = 0; asked < 60; asked += 1) {
    given.push(await fixture.village.answer(saying(nextOf(texts)), { signal }))
    await fixture.semantic.idle()
  }

  const audited = given.filter(({ decision }) => isAudited(decision))
  const audits = checks().slice(before)
  expect(audited.length).toBeGreaterThan(3)
  expect(audited.length).toBeLessThan(25)
  expect(audits.map(({ hitDecisionId }) => hitDecisionId)).toEqual(
    audited.map(({ decision }) => decision.id),
  )
  expect(new Set(audits.map(({ probability }) => probability))).toEqual(new Set([0.2]))
  expect(
    state.calls.map(({ ownPurpose, caller, input }) => [ownPurpose, caller, input.tenant]),
  ).toEqual(audited.map(() => ['cache-audit', undefined, undefined]))
})

test('wrong audits close it, and it begins anew', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)
  let calls = 0
  state.script = async function* () {
    yield answered(`another answer ${(calls += 1)}`)
  }

  const given: AnsweredTask[] = []
  for (let asked = 0; asked < 150; asked += 1) {
    given.push(await fixture.village.answer(saying(nextOf(texts)), { signal }))
    await fixture.semantic.idle()
  }

  expect(semanticHits(given.slice(0, 20))).toBeGreaterThan(0)
  expect(semanticHits(given.slice(100))).toBe(0)
  expect(checks().at(-1)).toMatchObject({ wrong: true, epoch: 2 })
})

test.each([
  ['another model', { requestedModel: 'village/sage' }, {}],
  ['a system prompt', {}, { messages: [{ role: 'system', content: 'Be brief.' }] }],
  ['a sampling field', {}, { sampling: { temperature: 0, maxTokens: 5 } }],
  ['a field that is passed through', {}, { extra: { response_format: { type: 'json_object' } } }],
] as [string, Partial<AnswerInput>, Partial<ChatRequest>][])(
  'a request with %s is not similar to one without',
  async (_, change, request) => {
    const fixture = openFixture()
    sameAnswer()
    const texts = await openBand(fixture)
    const before = checks().length
    const messages = [
      ...(request.messages ?? []),
      { role: 'user' as const, content: nextOf(texts) },
    ]

    const other = await fixture.village.answer(saying('', change, { ...request, messages }), {
      signal,
    })
    await fixture.semantic.idle()

    expect(other.decision.reused).toBeUndefined()
    expect(checks()).toHaveLength(before)
  },
)

test.each([
  ['tools', {}, { extra: { tools: [{ type: 'function' }] } }],
  ['a web search', {}, { extra: { web_search_options: {} } }],
  [
    'tests of its own',
    { verifier: { type: 'unit-tests', language: 'javascript', tests: 'x' } },
    {},
  ],
  ['no-store', { cache: { asked: true, noStore: true } }, {}],
  ['no-cache', { cache: { asked: true, fresh: true } }, {}],
  ['a refusal of kept answers', { cache: { asked: false } }, {}],
] as [string, Partial<AnswerInput>, Partial<ChatRequest>][])(
  'a request with %s gets no answer of a similar one',
  async (_, change, request) => {
    const fixture = openFixture()
    sameAnswer()
    await openBand(fixture)
    const texts = orders(words.toReversed())

    const plain = await fixture.village.answer(saying(nextOf(texts)), { signal })
    const other = await fixture.village.answer(saying(nextOf(texts), change, request), { signal })

    expect(plain.decision.reused?.from).toBe('semantic')
    expect(other.decision.reused).toBeUndefined()
  },
)

test('neither a number nor a negation may differ, however similar the texts are', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)

  const negated = await fixture.village.answer(saying(`${nextOf(texts)} not`), { signal })
  const numbered = await fixture.village.answer(saying(`${nextOf(texts)} 7`), { signal })

  expect(semanticHits([negated, numbered])).toBe(0)
})

test('a text that is too long, an image, or an answer that a tool asks for is left alone', async () => {
  const fixture = openFixture({ semantic: { maxTextCharacters: 80 } })
  sameAnswer()
  const long = 'again and '.repeat(9)
  const image = (text: string) => [
    { type: 'text', text },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
  ]
  const after = (text: string) => [
    { role: 'user' as const, content: text },
    { role: 'tool' as const, content: 'done' },
  ]

  for (const order of ['a b', 'b a']) {
    await fixture.village.answer(saying(`${long}${order}`), { signal })
    await fixture.village.answer(
      saying('', {}, { messages: [{ role: 'user', content: image(order) }] }),
      { signal },
    )
    await fixture.village.answer(saying('', {}, { messages: after(order) }), { signal })
  }
  await fixture.semantic.idle()

  expect(checks()).toEqual([])
})
