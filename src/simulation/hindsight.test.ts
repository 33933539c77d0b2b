import { expect, test } from 'vitest'
import { inHindsight } from './hindsight.ts'
import type { ScoredTask } from './hindsight.ts'

const task = (changes: Partial<ScoredTask>): ScoredTask => ({
  group: 'king:abc',
  score: 0.1,
  loss: false,
  local: false,
  alpha: 0.1,
  ...changes,
})

test('finds the largest threshold that holds the bound, for each agent and its weights apart', () => {
  const king = [
    ...Array.from({ length: 9 }, (_, at) => task({ score: at / 100, local: at < 5 })),
    task({ score: 0.2, loss: true }),
    task({ score: 0.3, loss: true }),
  ]
  const sage = Array.from({ length: 9 }, () => task({ group: 'sage:def', loss: true }))

  const hindsight = inHindsight([...king, ...sage])

  expect(hindsight).toEqual({
    scoredTasks: 20,
    certifiedLocalShare: 5 / 20,
    bestFixedThresholdShare: 10 / 20,
    certifiedLoss: 0,
  })
})

test('parts no tasks of one score: a threshold lets all of them in, or none', () => {
  const tied = Array.from({ length: 10 }, (_, at) => task({ score: 0.5, loss: at > 7 }))

  const hindsight = inHindsight(tied)

  expect(hindsight?.bestFixedThresholdShare).toBe(0)
})

test('says nothing where no task had a score', () => {
  expect(inHindsight([])).toBeNull()
})
