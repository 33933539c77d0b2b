import { beforeEach, expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import type { TextEmbedder } from '../kernel/text-embedder.ts'
import { binomialTail } from './binomial-tail.ts'
import { compareAnswers } from './compare-answers.ts'
import type { AnswerPair } from './compare-answers.ts'
import { SemanticEquality } from './semantic-equality.ts'

/** A text is an angle in degrees, so that a test can set the similarity of two. */
const embedder: TextEmbedder = {
  name: 'angles',
  hash: 'angles-1',
  dimension: 2,
  embed: (text) => {
    const angle = (Number(/\d+/.exec(text)?.[0] ?? 0) * Math.PI) / 180
    return Float32Array.of(Math.cos(angle), Math.sin(angle))
  },
}

const options = {
  embedder,
  differs: (left: string, right: string) =>
    left.includes('not') === right.includes('not') ? null : 'a negation',
  maxWrongShare: 0.05,
  delta: 0.1,
}

let equality: SemanticEquality

beforeEach(() => {
  equality = new SemanticEquality(options)
})

function pair(degrees: number, group = 'king mail', change: Partial<AnswerPair> = {}): AnswerPair {
  return {
    task: { messages: [], group },
    candidate: 'it turns by 0',
    reference: `it turns by ${degrees}`,
    ...change,
  }
}

async function learn(count: number, degrees: number, isEqual: boolean, group?: string) {
  for (let at = 0; at < count; at += 1) await equality.learn(pair(degrees, group), isEqual)
}

test('says nothing until enough pairs with a known truth have shown a bound', async () => {
  await learn(63, 10, true)
  const before = await equality.compare(pair(10))

  await learn(1 + 64, 10, true)

  expect([before, await equality.compare(pair(10))]).toEqual([null, 'both'])
})

test('what is less similar than what was shown stays undecided', async () => {
  await learn(128, 10, true)

  expect(await equality.compare(pair(12))).toBe('both')
  expect(await equality.compare(pair(40))).toBeNull()
})

test('tells different answers by a bound of their own', async () => {
  await learn(128, 80, false)

  expect(await equality.compare(pair(85))).toBe('reference-only')
  expect(await equality.compare(pair(10))).toBeNull()
})

test('pairs of both sorts at one similarity show nothing', async () => {
  for (let at = 0; at < 300; at += 1) await equality.learn(pair(10), at % 3 !== 0)

  expect(await equality.compare(pair(10))).toBeNull()
})

test('one group of tasks shows nothing for another, nor for a task of none', async () => {
  await learn(128, 10, true)
  const { group: _, ...none } = pair(10).task

  expect(await equality.compare(pair(10, 'king other'))).toBeNull()
  expect(await equality.compare(pair(10, 'king mail', { task: none }))).toBeNull()
})

test('equal texts are no labels, and what differs in words is never called equal', async () => {
  const same = { candidate: 'it turns by 0', reference: 'it turns by 0' }
  for (let at = 0; at < 300; at += 1) await equality.learn(pair(0, 'king mail', same), true)
  const onlyEqualTexts = await equality.compare(pair(1))
  await learn(128, 10, true)

  expect(onlyEqualTexts).toBeNull()
  expect(await equality.compare(pair(10, 'king mail', { reference: 'not 10' }))).toBeNull()
})

test('a restart keeps what was shown, and another embedder does not', async () => {
  await learn(128, 10, true)
  const saved = equality.snapshot()

  const same = new SemanticEquality(options, saved)
  const other = new SemanticEquality({ ...options, embedder: { ...embedder, hash: 'b' } }, saved)

  expect([await same.compare(pair(10)), await other.compare(pair(10))]).toEqual(['both', null])
})

test('memory is bounded: of many groups, the one that has waited longest goes', async () => {
  await learn(128, 10, true, 'first')
  for (let at = 0; at < 200; at += 1) await learn(1, 10, true, `group ${at}`)

  expect(await equality.compare(pair(10, 'first'))).toBeNull()
})

test('calls pairs equal wrongly too often in fewer than delta of 200 tries', async () => {
  let bad = 0
  for (let seed = 0; seed < 200; seed += 1) {
    const random = seededRandom(seed)
    equality = new SemanticEquality(options)
    for (let at = 0; at < 512; at += 1) await equality.learn(pair(10), random() > 0.06)
    bad += (await equality.compare(pair(10))) === null ? 0 : 1
  }

  expect(bad / 200).toBeLessThan(options.delta)
})

test('as a comparator of free text it decides where texts differ, and not where numbers do', async () => {
  await learn(128, 10, true)
  const noCode = { run: () => Promise.reject(new Error('no code')), close: () => Promise.resolve() }

  const text = await compareAnswers(pair(10), noCode, [equality])
  const numbers = await compareAnswers(
    pair(10, 'king mail', { candidate: '1', reference: '10' }),
    noCode,
    [equality],
  )

  expect(text).toEqual({ method: 'semantic', verdict: 'both' })
  expect(numbers).toEqual({ method: 'numeric', verdict: 'reference-only' })
})

test('the tail of the binomial distribution is exact', () => {
  expect(binomialTail(0, 10, 0.1)).toBeCloseTo(0.9 ** 10)
  expect(binomialTail(1, 3, 0.5)).toBeCloseTo(0.5)
  expect(binomialTail(3, 3, 0.5)).toBe(1)
  expect(binomialTail(0, 0, 0.5)).toBe(1)
  expect(binomialTail(40, 100_000, 0.05)).toBeLessThan(1e-300)
})
