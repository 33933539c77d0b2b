import { expect, test } from 'vitest'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { statusAtFrame } from '../../dev/fixture-story.ts'
import { runPercent, trainingProgress } from './training-progress.ts'

type Run = VillageStatus['runs'][number]
type Agent = VillageStatus['agents'][number]

const king = {
  ...(statusAtFrame(0).agents[0] as Agent),
  trainingExamples: 150,
  examplesUntilTraining: 50,
}
const run = {
  ...(statusAtFrame(20).runs[0] as Run),
  agent: 'king',
  status: 'running',
  phase: 'sft',
  step: 30,
  maxSteps: 120,
} as const

test('shows how many examples are still missing before training starts', () => {
  expect(trainingProgress(king, [])).toEqual({
    percent: 75,
    words: '50 more examples',
    running: false,
  })
})

test('shows the step of the run that is under way', () => {
  expect(trainingProgress(king, [run])).toEqual({
    percent: 25,
    words: 'sft, step 30 of 120',
    running: true,
  })
})

test('does not take another agent’s run for its own', () => {
  expect(trainingProgress(king, [{ ...run, agent: 'sage' }]).running).toBe(false)
})

test('knows no progress for a run that has not told its number of steps', () => {
  expect(runPercent({ ...run, maxSteps: 0 })).toBe(0)
})
