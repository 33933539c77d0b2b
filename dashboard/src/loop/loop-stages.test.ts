import { expect, test } from 'vitest'
import { statusAtFrame } from '../../dev/fixture-story.ts'
import { loopHeadline, loopStages, runningStages } from './loop-stages.ts'

const status = statusAtFrame(0)

test('highlights nothing while the village is starting or stopping', () => {
  const starting = { ...status, loop: { stage: 'starting', agent: null, detail: '' } } as const

  expect(runningStages(starting)).toEqual([])
})

test('tells building the dataset from training on it by the phase of the run', () => {
  const run = { ...statusAtFrame(10).runs[0]!, status: 'running' } as const
  const training = { ...status, loop: { stage: 'training', agent: 'king', detail: '' } } as const

  expect(runningStages({ ...training, runs: [{ ...run, phase: 'dataset' }] })).toEqual(['dataset'])
  expect(runningStages({ ...training, runs: [{ ...run, phase: 'sft' }] })).toEqual(['train'])
})

test('names a rollback in the picture, where promotions stand otherwise', () => {
  const loop = { stage: 'rolling-back', agent: 'king', detail: '' } as const

  const stage = loopStages({ ...status, loop }).find((each) => each.name === 'promote')

  expect(stage).toMatchObject({ title: 'Roll back', running: true })
  expect(loopHeadline(loop)).toBe('Rolling King back')
})
