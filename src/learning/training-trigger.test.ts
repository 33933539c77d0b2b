import { expect, test } from 'vitest'
import { defaultLearningSettings } from './learning-settings.ts'
import { adviseOnTraining } from './training-trigger.ts'
import type { TrainingNeed } from './training-trigger.ts'

const need: TrainingNeed = {
  newExamples: 500,
  heldOutExamples: 60,
  minimumHeldOut: 30,
  unsuccessfulRunsInARow: 0,
  qualityFell: false,
  running: false,
  unavailableBecause: null,
}

function advise(change: Partial<TrainingNeed>) {
  return adviseOnTraining({ ...need, ...change }, defaultLearningSettings.trigger)
}

test('trains when there are enough new examples', () => {
  expect(advise({})).toEqual({ train: true, reason: '500 new examples' })
})

test('trains on fewer when quality fell', () => {
  expect(advise({ newExamples: 100 }).train).toBe(false)
  expect(advise({ newExamples: 100, qualityFell: true }).train).toBe(true)
  expect(advise({ newExamples: 99, qualityFell: true })).toMatchObject({ examplesUntilTraining: 1 })
})

test.each([
  [0, 500],
  [1, 750],
  [2, 1125],
  [20, 4000],
])('after %i failed or refused runs it wants %i new examples', (unsuccessfulRunsInARow, wanted) => {
  const missing = advise({ newExamples: wanted - 1, unsuccessfulRunsInARow })

  expect(missing).toMatchObject({ train: false, examplesUntilTraining: 1 })
  expect(advise({ newExamples: wanted, unsuccessfulRunsInARow }).train).toBe(true)
})

test.each([
  ['another run is under way', { running: true }, 'another training run is under way'],
  ['the trainer is being set up', { unavailableBecause: 'training waits' }, 'training waits'],
  ['there is too little to examine with', { heldOutExamples: 29 }, '29 of 30 held-out tasks'],
])('waits while %s', (_name, change, reason) => {
  expect(advise(change)).toMatchObject({
    train: false,
    reason: expect.stringContaining(reason) as string,
  })
})
