import { expect, test } from 'vitest'
import { seededRandom } from '../../kernel/random.ts'
import { SimilarityBands } from './similarity-bands.ts'
import type { BandDecision, SimilarityTerms } from './similarity-bands.ts'

const terms: SimilarityTerms = { tenant: 'key_1', maxWrongShare: 0.01, delta: 0.1, measure: 'm' }
const enough = 600

/** Compares so many answers of similar requests. */
function feed(
  bands: SimilarityBands,
  comparisons: number,
  similarity: number,
  isWrong: (at: number) => boolean | null = () => false,
): void {
  for (let at = 0; at < comparisons; at += 1) {
    bands.record(decided(bands, similarity), isWrong(at))
  }
}

function decided(bands: SimilarityBands, similarity: number): BandDecision {
  const decision = bands.decide(similarity)
  if (decision === null) throw new Error(`no band has ${similarity}`)
  return decision
}

function opened(): SimilarityBands {
  const bands = new SimilarityBands(terms)
  feed(bands, enough, 0.99)
  return bands
}

test('starts closed, and opens a band once its own right answers have shown it', () => {
  const bands = new SimilarityBands(terms)
  feed(bands, 300, 0.99)
  const early = decided(bands, 0.99).isOpen

  feed(bands, 300, 0.99)

  expect(early).toBe(false)
  expect([0.99, 0.98, 0.97, 0.9].map((at) => decided(bands, at).isOpen)).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(bands.decide(0.84)).toBeNull()
})

test('what is not given is compared for sure, what is given with a probability above 0', () => {
  const bands = opened()

  expect(decided(bands, 0.97).probability).toBe(1)
  expect(decided(bands, 0.99).probability).toBe(0.2)
  feed(bands, 200, 0.99)
  expect(decided(bands, 0.99).probability).toBe(0.05)
})

test('a band with wrong answers stays closed, and so does one that cannot be compared', () => {
  const bands = new SimilarityBands(terms)

  feed(bands, 2000, 0.99, (at) => at % 20 === 0)
  feed(bands, 2000, 0.97, (at) => (at % 20 === 0 ? null : false))

  expect(bands.summary().map(({ open }) => open)).toEqual([false, false, false, false, false])
})

test('is shut at the second wrong audit, and begins anew when wrong ones go on', () => {
  const bands = opened()
  const seen: [boolean, number][] = []

  for (let wrong = 0; wrong < 6; wrong += 1) {
    feed(bands, 1, 0.99, () => true)
    const { isOpen, epoch } = decided(bands, 0.99)
    seen.push([isOpen, epoch])
  }

  expect(seen).toEqual([
    [true, 1],
    [false, 1],
    [false, 1],
    [false, 1],
    [false, 2],
    [false, 2],
  ])
})

test('two wrong audits among many right ones shut it for a while only', () => {
  const bands = opened()
  feed(bands, 2, 0.99, () => true)

  feed(bands, 200, 0.99)

  expect(decided(bands, 0.99).isOpen).toBe(true)
})

test('a comparison that was decided in an epoch that is over does not count', () => {
  const bands = opened()
  const old = decided(bands, 0.99)
  feed(bands, 6, 0.99, () => true)
  const [before] = bands.summary()

  bands.record(old, false)

  expect(bands.summary()[0]).toEqual(before)
})

test('a restart takes up what was shown', () => {
  const bands = opened()

  const restarted = new SimilarityBands(terms, bands.snapshot())

  expect(restarted.summary()).toEqual(bands.summary())
  expect(decided(restarted, 0.99)).toEqual(decided(bands, 0.99))
})

test.each([
  ['measure of similarity', { measure: 'another' }],
  ['share', { maxWrongShare: 0.005 }],
  ['confidence', { delta: 0.05 }],
])('what was shown for another %s opens nothing, and has spent its part of delta', (_, change) => {
  const restarted = new SimilarityBands({ ...terms, ...change }, opened().snapshot())

  expect(decided(restarted, 0.99)).toMatchObject({ isOpen: false, epoch: 2 })
})

test('a state of another version opens nothing', () => {
  const saved = { ...(opened().snapshot() as object), version: 0 }

  expect(decided(new SimilarityBands(terms, saved), 0.99).isOpen).toBe(false)
})

test('opens for too many wrong answers in fewer than delta of 400 tries', () => {
  const tries = 400
  let opens = 0
  for (let seed = 0; seed < tries; seed += 1) {
    const random = seededRandom(seed)
    const bands = new SimilarityBands(terms)
    for (let at = 0; at < 1500 && !decided(bands, 0.99).isOpen; at += 1) {
      feed(bands, 1, 0.99, () => random() < 0.011)
    }
    opens += decided(bands, 0.99).isOpen ? 1 : 0
  }

  expect(opens / tries).toBeLessThan(terms.delta)
})
