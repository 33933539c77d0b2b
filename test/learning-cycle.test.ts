import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TrainingFailedError } from '../src/kernel/errors.ts'
import { auditUntilRollback, openCycleFolder } from './scripted-cycle.ts'

let village: Awaited<ReturnType<typeof openCycleFolder>>

beforeEach(async () => {
  village = await openCycleFolder()
})

afterEach(() => village.remove())

test('trains by itself when there are enough examples, and promotes what is better', async () => {
  const { cycle, serving, promoted, jobs } = village.startCycle(['0.95'])
  await cycle.recover()
  await village.addExamples(cycle, 0, 499)
  cycle.afterTask('king')
  expect(cycle.currentRun).toBeNull()
  expect(cycle.layer('king').examplesUntilTraining).toBe(1)

  await village.addExamples(cycle, 499, 500)
  cycle.afterTask('king')
  await cycle.whenIdle()

  const run = await village.newestRun()
  expect(run).toMatchObject({ status: 'promoted', trigger: '500 new examples', reason: null })
  const dataset = await village.store.ledger.get('dataset-version', run?.datasetVersionId ?? '')
  expect(dataset?.counts).toMatchObject({ examples: 500, pairs: 0, byKind: { triage: 500 } })
  const checkpoint = await village.store.ledger.get('checkpoint', run?.checkpointHash ?? '')
  expect(checkpoint).toMatchObject({ trainingRunId: run?.id, datasetVersionId: dataset?.id })
  const [report] = await village.store.ledger.list('evaluation-report')
  expect(report).toMatchObject({ tasks: 60, promoted: true, candidate: checkpoint?.hash })
  const [promotion] = await village.store.ledger.list('promotion')
  expect(promotion).toMatchObject({ action: 'promotion', from: null, evaluationId: report?.id })
  expect(serving.get('king')?.hash).toBe(checkpoint?.hash)
  expect(promoted[0]?.checkpoint?.hash).toBe(checkpoint?.hash)
  expect(promoted[0]?.labels).toHaveLength(60)
  expect(promoted[0]?.labels.filter(({ goodEnough }) => goodEnough)).toHaveLength(
    report?.candidateRight ?? -1,
  )
  expect(jobs[0]?.startFrom).toBeNull()
  expect(cycle.layer('king').counts.sinceRun).toBe(0)
})

test('agents take turns: who trained last waits for the others, whose task it may be', async () => {
  const { cycle } = village.startCycle(['0.95', '0.95'])
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  cycle.afterTask('king')
  await village.addExamples(cycle, 500, 1000)
  await village.addExamples(cycle, 0, 500, 'sage')
  await cycle.whenIdle()

  cycle.afterTask('king')
  const second = cycle.currentRun?.agent
  await cycle.whenIdle()

  expect(second).toBe('sage')
  expect(cycle.layer('king').examplesUntilTraining).toBe(0)
})

test('trains on fewer examples once audits leave no doubt that quality fell', async () => {
  const { cycle } = village.startCycle(['0.95', '0.95'])
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  await village.addExamples(cycle, 500, 600)

  cycle.afterTask('king', { localQuality: { share: 0.88, atMost: 0.92 } })
  expect(cycle.currentRun).toBeNull()
  cycle.afterTask('king', { localQuality: { share: 0.8, atMost: 0.87 } })

  expect(cycle.currentRun?.trigger).toBe('quality fell and there are 100 new examples')
  await cycle.whenIdle()
})

test('holds quality to a target that changes while the village runs', async () => {
  let target = 0.9
  const { cycle } = village.startCycle(['0.95', '0.95'], () => target)
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  await village.addExamples(cycle, 500, 600)
  const localQuality = { share: 0.9, atMost: 0.94 }
  cycle.afterTask('king', { localQuality })
  expect(cycle.currentRun).toBeNull()

  target = 0.97
  cycle.afterTask('king')

  expect(cycle.currentRun?.trigger).toBe('quality fell and there are 100 new examples')
  await cycle.whenIdle()
})

test('allows service as many worse answers as the target that now holds', async () => {
  let target = 0.9
  const { cycle, serving } = village.startCycle(['0.95'], () => target)
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  const promoted = serving.get('king')
  const auditHalfWrong = async (): Promise<void> => {
    for (let audit = 0; audit < 60; audit += 1) {
      auditUntilRollback(cycle, audit % 2 === 0, 1)
    }
    await cycle.whenIdle()
  }

  target = 0.4
  await auditHalfWrong()
  const underLaxTarget = serving.get('king')
  target = 0.9
  await auditHalfWrong()

  expect(underLaxTarget).toEqual(promoted)
  expect(serving.get('king') ?? null).toBeNull()
})

test.each([
  ['the gate finds no gain', '0.1', 'refused', /Refused: \d+ of 60/],
  ['the trainer fails', new TrainingFailedError('out of memory'), 'failed', /^out of memory$/],
  ['the disk is full', Object.assign(new Error('ENOSPC: no space left'), {}), 'failed', /ENOSPC/],
  ['the checkpoint does not load', 'garbage', 'failed', /does not load in the serving runtime/],
])('goes on serving what it served when %s', async (_name, content, status, reason) => {
  const { cycle, serving, promoted } = village.startCycle([content])
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)

  await cycle.startRun('king', 'by hand')

  expect(await village.newestRun()).toMatchObject({
    status,
    reason: expect.stringMatching(reason) as string,
  })
  expect(serving.get('king')).toBeNull()
  expect(promoted).toEqual([])
  expect(cycle.layer('king').examplesUntilTraining).toBe(750)
})

test('goes on from the weights that serve and rolls back to them when audits go wrong', async () => {
  const { cycle, serving, jobs, promoted } = village.startCycle(['0.6', '0.95'])
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  const first = serving.get('king')
  await village.addExamples(cycle, 500, 1000)
  await cycle.startRun('king', 'second')
  const second = serving.get('king')

  auditUntilRollback(cycle, false, 12)
  await cycle.whenIdle()

  expect(jobs[1]?.startFrom).toBe(jobs[0]?.outputFolder)
  expect(second?.hash).not.toBe(first?.hash)
  expect(serving.get('king')).toEqual(first)
  const [rollback] = await village.store.ledger.list('promotion', { newestFirst: true, limit: 1 })
  expect(rollback).toMatchObject({ action: 'rollback', from: second?.hash, to: first?.hash })
  expect(promoted.at(-1)?.labels.length).toBeGreaterThan(0)
  expect(cycle.layer('king').examplesUntilTraining).toBe(100)
})

test('rolls spoiled weights that were forced into service back', async () => {
  const { cycle, serving } = village.startCycle(['0.95'])
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  const good = serving.get('king')
  const path = join(village.folder, 'spoiled.gguf')
  await writeFile(path, '0.05')

  await cycle.forceServe('king', { hash: 'spoiled', path })
  expect(serving.get('king')?.hash).toBe('spoiled')
  auditUntilRollback(cycle, false, 12)
  await cycle.whenIdle()

  expect(serving.get('king')).toEqual(good)
})

test('keeps a checkpoint that does as well as it promised, and leaves late audits of others out', async () => {
  const { cycle, serving } = village.startCycle(['0.95'])
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  const good = serving.get('king')

  for (let audit = 0; audit < 300; audit += 1) {
    const goodEnough = audit % 20 !== 0
    cycle.observeAudit({
      agent: 'king',
      goodEnough,
      probability: 0.2,
      checkpoint: good?.hash ?? null,
    })
    cycle.observeAudit({ agent: 'king', goodEnough: false, probability: 0.2, checkpoint: null })
  }
  await cycle.whenIdle()

  expect(serving.get('king')).toEqual(good)
  expect(cycle.layer('king').served.monitor.audits).toBe(300)
})

test('cancels a run, gives its examples back, and lets only one run at a time', async () => {
  const { cycle, started } = village.startCycle(['never ends', '0.95'])
  await cycle.recover()
  await village.addExamples(cycle, 0, 500)
  const first = cycle.startRun('king', 'first')
  await expect(cycle.startRun('sage', 'second')).rejects.toThrow('Another training run')
  await started

  cycle.cancel()

  expect(await first).toMatchObject({ status: 'cancelled', reason: 'cancelled by the operator' })
  expect(cycle.layer('king').counts.sinceRun).toBe(500)
  expect(await cycle.startRun('king', 'again')).toMatchObject({ status: 'promoted' })
})
