import { expect, test } from 'vitest'
import type { AnswerLabel } from './agent-evidence.ts'
import { ComplexityEvaluator } from './complexity-evaluator.ts'
import { featuresOf } from './features.ts'

function label(text: string, kind: string, goodEnough: boolean): AnswerLabel {
  const features = featuresOf([{ role: 'user', content: text }])
  return { features, kind, firstFormula: 0.4, goodEnough, sure: true, weight: 1 }
}

const easy = label('name the capital of Peru', 'king-1', true)
const hard = label('add 4711 and 815 and 99', 'king-2', false)

test('starts from the first formula while there are no labels', () => {
  const evaluator = new ComplexityEvaluator()

  const estimate = evaluator.estimate('king', easy).sure

  expect(estimate).toMatchObject({ complexity: 0.4, policy: 'first-formula' })
})

test('lowers the estimate of a kind that proves good and raises that of one that does not', () => {
  const evaluator = new ComplexityEvaluator()

  for (let count = 0; count < 30; count += 1) {
    evaluator.learn('king', easy)
    evaluator.learn('king', hard)
  }

  expect(evaluator.estimate('king', easy).sure.complexity).toBeLessThan(0.06)
  expect(evaluator.estimate('king', hard).sure.complexity).toBeGreaterThan(0.9)
  expect(evaluator.estimate('king', easy).sure.evidence).toMatchObject({
    kindLabels: 30,
    kindGood: 30,
  })
})

test('keeps answers apart that the model was not sure of', () => {
  const evaluator = new ComplexityEvaluator()

  for (let count = 0; count < 30; count += 1) {
    evaluator.noteAnswer('king', 'king-1', count % 3 > 0)
    evaluator.learn('king', { ...easy, sure: count % 3 > 0, goodEnough: count % 3 > 0 })
  }

  const { sure, unsure, sureShare } = evaluator.estimate('king', easy)
  expect(sure.complexity).toBeLessThan(0.06)
  expect(unsure.complexity).toBeGreaterThan(0.8)
  expect(sureShare).toBeCloseTo(2 / 3, 1)
  const restored = new ComplexityEvaluator()
  restored.restore(evaluator.snapshot())
  expect(restored.estimate('king', easy)).toEqual(evaluator.estimate('king', easy))
})

test('counts what is known of two kinds together once they are one', () => {
  const evaluator = new ComplexityEvaluator()
  const alike = { ...easy, kind: 'king-3' }
  for (let count = 0; count < 8; count += 1) {
    evaluator.noteAnswer('king', 'king-1', true)
    evaluator.noteAnswer('king', 'king-3', count % 2 === 0)
    evaluator.learn('king', easy)
    evaluator.learn('king', { ...alike, goodEnough: count > 0 })
  }

  evaluator.mergeKinds('king', { from: 'king-3', into: 'king-1' })

  const { sure, sureShare } = evaluator.estimate('king', easy)
  expect(sure.evidence).toMatchObject({ kindLabels: 16, kindGood: 15 })
  expect(sureShare).toBeCloseTo(12 / 16, 1)
  expect(evaluator.estimate('king', alike).sure.evidence.kindLabels).toBe(0)
})

test('keeps agents apart', () => {
  const evaluator = new ComplexityEvaluator()

  for (let count = 0; count < 30; count += 1) evaluator.learn('king', easy)

  expect(evaluator.estimate('sage', easy).sure.policy).toBe('first-formula')
})

test('forgets the old checkpoint on restart and starts from held-out labels', () => {
  const evaluator = new ComplexityEvaluator()
  for (let count = 0; count < 100; count += 1) evaluator.learn('king', easy)

  const spoiled = Array.from({ length: 30 }, () => ({ ...easy, goodEnough: false }))
  const scored = evaluator.restart('king', spoiled)

  expect(evaluator.estimate('king', easy).sure.complexity).toBeGreaterThan(0.9)
  expect(evaluator.estimate('king', easy).sure.evidence.kindLabels).toBe(30)
  expect(scored.length).toBe(30)
  expect(Math.min(...scored.map((one) => one.complexity))).toBeGreaterThan(0.8)
})

test('goes back to the first formula when restarted without labels', () => {
  const evaluator = new ComplexityEvaluator()
  evaluator.learn('king', easy)

  evaluator.restart('king', [])

  expect(evaluator.estimate('king', easy).sure.policy).toBe('first-formula')
})

test('learns which words set easy and hard tasks of one kind apart, and says so', () => {
  const evaluator = new ComplexityEvaluator()
  const mild = label('sort the box marked alpha', 'king-1', true)
  const harsh = label('sort the box marked omega', 'king-1', false)

  for (let count = 0; count < 80; count += 1) {
    evaluator.learn('king', mild)
    evaluator.learn('king', harsh)
  }

  const estimate = evaluator.estimate('king', harsh).sure
  expect(evaluator.estimate('king', mild).sure.complexity).toBeLessThan(0.2)
  expect(estimate.complexity).toBeGreaterThan(0.8)
  expect(estimate.weights[0]?.word).toContain('omega')
})

test('gives the same estimates after a snapshot is restored', () => {
  const evaluator = new ComplexityEvaluator()
  for (let count = 0; count < 20; count += 1) evaluator.learn('king', count % 3 ? easy : hard)
  const restored = new ComplexityEvaluator()

  restored.restore(JSON.parse(JSON.stringify(evaluator.snapshot())))

  expect(restored.estimate('king', easy).sure).toEqual(evaluator.estimate('king', easy).sure)
  expect(restored.estimate('king', hard).sure).toEqual(evaluator.estimate('king', hard).sure)
})

test('ignores a snapshot of another version and starts with no evidence', () => {
  const evaluator = new ComplexityEvaluator()
  const { agents } = evaluator.snapshot()

  const isTaken = evaluator.restore({ version: 99, agents } as never)

  expect(isTaken).toBe(false)
  expect(evaluator.estimate('king', easy).sure.policy).toBe('first-formula')
})

test('draws labels that contradict each other to what they are: half of them lost', () => {
  const evaluator = new ComplexityEvaluator()

  for (let count = 0; count < 200; count += 1) {
    evaluator.learn('king', { ...easy, goodEnough: count % 2 === 0 })
  }

  expect(evaluator.estimate('king', easy).sure.complexity).toBeCloseTo(0.5, 1)
})
