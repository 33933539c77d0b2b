import { expect, test } from 'vitest'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { statusAtFrame } from '../../dev/fixture-story.ts'
import { loopDetail, loopHeadline, loopStages, runningStages } from './loop-stages.ts'

type Run = VillageStatus['runs'][number]

const status = statusAtFrame(0)

test('highlights nothing while the village is starting or stopping', () => {
  const starting = { ...status, loop: { stage: 'starting', agent: null, detail: '' } } as const

  expect(runningStages(starting)).toEqual([])
})

test('tells building the dataset from training on it by the phase of the run', () => {
  const run = { ...(statusAtFrame(10).runs[0] as Run), status: 'running' } as const
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

test('shows the step of the run, or says what is waited for when the village gives no detail', () => {
  const run = {
    ...(statusAtFrame(20).runs[0] as Run),
    agent: 'king',
    status: 'running',
    phase: 'dpo',
    trigger: '500 new examples',
    step: 3,
    maxSteps: 60,
  } as const
  const training = { stage: 'training', agent: 'king', detail: '500 new examples' } as const
  const collecting = { stage: 'collecting', agent: null, detail: '' } as const

  expect(loopDetail({ ...status, runs: [run], loop: training })).toBe(
    'DPO, step 3 of 60 · 500 new examples',
  )
  expect(loopDetail({ ...status, loop: collecting })).toMatch(/recorded and compared/)
})
