import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/kernel/random.ts'
import { foldsOf } from './cross-validation.ts'
import { bootstrapGap, gapRecovered } from './metrics.ts'
import { moneyRows } from './money.ts'
import { readOutcomes } from './outcomes.ts'

const folder = mkdtempSync(join(tmpdir(), 'bench-routing-'))
afterAll(() => rmSync(folder, { recursive: true }))

const random = seededRandom(1)
const outcomes = Array.from({ length: 4000 }, () => ({
  localRight: random() < 0.6,
  frontierRight: random() < 0.85,
}))
const scoredBy = (score: (outcome: (typeof outcomes)[number]) => number) =>
  outcomes.map((outcome) => ({
    score: score(outcome),
    localRight: outcome.localRight,
    frontierRight: outcome.frontierRight,
  }))
const oracle = scoredBy(
  ({ localRight, frontierRight }) => Number(frontierRight) - Number(localRight),
)

test('a random order recovers half of the gap on average, an oracle more than all of it', () => {
  const chance = gapRecovered(
    scoredBy(() => random()),
    seededRandom(2),
  )
  const best = gapRecovered(oracle, seededRandom(2))

  expect(Math.abs(chance.apgr - 0.5)).toBeLessThan(0.06)
  expect(best.apgr).toBeGreaterThan(1)
  expect(best.cpt80).toBeLessThan(35)
})

test('breaks ties at random and not by the order of the file', () => {
  const sorted = oracle
    .toSorted((left, right) => right.score - left.score)
    .map((one) => Object.assign({}, one, { score: 0 }))

  expect(Math.abs(gapRecovered(sorted, seededRandom(3)).apgr - 0.5)).toBeLessThan(0.06)
})

test('the interval of the bootstrap holds the value', () => {
  const { apgr } = bootstrapGap(oracle, seededRandom(4), 50)
  const { apgr: value } = gapRecovered(oracle, seededRandom(4))

  expect(apgr.low).toBeLessThan(value)
  expect(apgr.high).toBeGreaterThan(value)
})

test('a threshold fixed beforehand keeps about the quality that was asked for', () => {
  const informed = oracle.map((one) => Object.assign({}, one, { score: one.score + 3 * random() }))
  const rows = moneyRows(informed, { everyTaskRunsLocally: false, seed: 1 })

  for (const { asked, kept, cost } of rows) {
    expect(Math.abs(kept - asked)).toBeLessThan(0.03)
    expect(cost).toBeLessThan(1)
  }
})

test('folds are of equal size, and the same for the same seed', () => {
  const folds = foldsOf(1003, 7)

  expect(foldsOf(1003, 7)).toEqual(folds)
  for (const fold of [0, 1, 2, 3, 4]) {
    expect(Math.abs(folds.filter((one) => one === fold).length - 200)).toBeLessThan(2)
  }
})

test('reads a file of outcomes, and says which line is wrong and why', () => {
  const file = join(folder, 'outcomes.jsonl')
  const models = { weak: 'small', strong: 'large', peers: ['other'] }
  const line = {
    prompt: '2 + 2?',
    models: {
      small: { correct: true, answer: '4', confidence: 0.9 },
      large: { correct: true, costUsd: 0.01 },
      other: { correct: false, answer: '5' },
    },
  }
  writeFileSync(file, `${JSON.stringify(line)}\n\n`)
  const { outcomes: read } = readOutcomes(file, models)
  writeFileSync(file, `${JSON.stringify(line)}\n{"prompt": 3}\n`)

  expect(read).toMatchObject([
    { prompt: '2 + 2?', local: { answer: '4', confidence: 0.9 }, peers: ['5'] },
  ])
  expect(() => readOutcomes(file, models)).toThrow(/line 2: .*prompt/su)
  writeFileSync(file, 'no JSON\n')
  expect(() => readOutcomes(file, models)).toThrow('line 1 is not JSON')
  writeFileSync(file, `${JSON.stringify(line)}\n`)
  expect(() => readOutcomes(file, { ...models, weak: 'tiny' })).toThrow(/--weak/u)
})
