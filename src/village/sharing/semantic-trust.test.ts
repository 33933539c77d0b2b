import { beforeEach, expect, test } from 'vitest'
import { BudgetExceededError } from '../../kernel/access-errors.ts'
import { ModelCallError, NotReadyError } from '../../kernel/errors.ts'
import { createSampleEmbedder } from '../../kernel/sample-embedder.ts'
import {
  checks,
  isAudited,
  nextOf,
  openBand,
  openFixture,
  sameAnswer,
  saying,
  semanticHits,
} from './semantic-fixtures.ts'
import { openSemantic, openSharing, resetState, signal, state } from './sharing-fixtures.ts'
import type { AnsweredTask } from '../village-service.ts'

beforeEach(resetState)

test('one tenant never gets the answer of another, nor what another has shown', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)
  const second = { tenant: 'key_2' }

  const first = await fixture.village.answer(saying(nextOf(texts), second), { signal })
  const similar = await fixture.village.answer(saying(nextOf(texts), second), { signal })
  await fixture.semantic.idle()

  expect(semanticHits([first, similar])).toBe(0)
  expect(checks().at(-1)).toMatchObject({ tenant: 'key_2', probability: 1 })
  expect(checks().filter(({ tenant }) => tenant === 'key_2')).toHaveLength(1)
})

test('what is forgotten is not given to similar requests either', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)

  await fixture.village.forgetAnswers('key_1', {})
  const after = await fixture.village.answer(saying(nextOf(texts)), { signal })

  expect(after.decision.reused).toBeUndefined()
})

test('max-age bounds the age of a similar answer too', async () => {
  const fixture = openFixture()
  sameAnswer()
  const texts = await openBand(fixture)
  state.nowMs += 2_001

  const strict = { cache: { asked: true, maxAgeMs: 2_000 } }
  const after = await fixture.village.answer(saying(nextOf(texts), strict), { signal })

  expect(after.decision.reused).toBeUndefined()
})

test.each([
  ['has no money for it', new BudgetExceededError('all spent', null), 0],
  ['is stopping', new NotReadyError('stopping'), 0],
  ['gets no answer', new ModelCallError('down', { model: 'vendor/model' }), 1],
])(
  'an audit counts as wrong only where the village asked: when it %s',
  async (_, error, counted) => {
    const fixture = openFixture()
    sameAnswer()
    const texts = await openBand(fixture)
    const before = checks().length
    state.script = async function* () {
      yield* []
      throw error
    }

    let given: AnsweredTask
    do given = await fixture.village.answer(saying(nextOf(texts)), { signal })
    while (!isAudited(given.decision))
    await fixture.semantic.idle()

    expect(
      checks()
        .slice(before)
        .map(({ wrong }) => wrong),
    ).toEqual(counted === 1 ? [null] : [])
  },
)

test('an embedder that fails costs a hit and no answer', async () => {
  const semantic = openSemantic({
    ...createSampleEmbedder(),
    embed: () => Promise.reject(new Error('the model is gone')),
  })
  const { village } = openSharing({}, semantic)
  sameAnswer()

  const given = await village.answer(saying('how can i'), { signal })

  expect(given.answer.text).toBe('By the link.')
  expect(state.errors).toHaveLength(1)
})

test('another process takes up texts and evidence', async () => {
  const before = openFixture()
  sameAnswer()
  const texts = await openBand(before)
  const semantic = openSemantic()
  const after = openSharing({}, semantic)

  for (const entry of before.stored.values()) after.cache.put(entry, after.cache.epoch)
  await semantic.restore([...before.stored.values()].map(({ head }) => head))
  const given = await after.village.answer(saying(nextOf(texts)), { signal })

  expect(given.decision.reused?.from).toBe('semantic')
})

test('a text that others resemble stays longer in memory than one that none does', async () => {
  const semantic = openSemantic()
  const known = async (text: string) => {
    const request = await semantic.understand('key_1', { group: 'g', text })
    if (request === null) throw new Error('not understood')
    return request
  }
  const remember = async (text: string) => semantic.remember(text, await known(text))
  const like = await known('my password reset')
  await remember('reset my password')
  for (let at = 1; at < 20; at += 1) await remember(`filler${at}`)

  semantic.nearest(like)
  await remember('filler20')

  expect(semantic.nearest(like)?.key).toBe('reset my password')
  expect(semantic.nearest(await known('filler1'))).toBeNull()
})
