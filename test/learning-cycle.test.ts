import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AgentName } from '../src/kernel/agent-name.ts'
import { TrainingFailedError } from '../src/kernel/errors.ts'
import { createIds } from '../src/kernel/ids.ts'
import type { CodeRunner } from '../src/kernel/code-runner.ts'
import { seededRandom } from '../src/kernel/random.ts'
import type { LedgerEntry, VillageStore } from '../src/kernel/stores.ts'
import type { TrainingRun } from '../src/kernel/training.ts'
import type { LearningEvent } from '../src/learning/learning-event.ts'
import { exampleOf, steppingClock, tasksFor } from '../src/learning/learning-fixtures.ts'
import { LearningCycle } from '../src/learning/learning-cycle.ts'
import type { ServiceChanged } from '../src/learning/learning-cycle.ts'
import { defaultLearningSettings } from '../src/learning/learning-settings.ts'
import { openStore } from '../src/store/open-store.ts'
import { localModels, trainerOf } from './scripted-training.ts'

/**
 * The cycle on a real store and real files. The model is not the point here: a file of weights
 * holds the share of tasks that a model with these weights answers right.
 */
let folder: string
let store: VillageStore
const clock = steppingClock()
const noCode: CodeRunner = {
  run: () => Promise.reject(new Error('no code is to be run')),
  close: () => Promise.resolve(),
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'learning-cycle-'))
  store = await openStore({ path: join(folder, 'village.sqlite'), durability: 'process' })
})

afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

function startCycle(contents: readonly (string | Error)[]) {
  const events: LearningEvent[] = []
  const promoted: ServiceChanged[] = []
  const { models, serving } = localModels()
  const { trainer, jobs, started } = trainerOf(contents)
  const random = seededRandom(1)
  const cycle = new LearningCycle({
    ledger: store.ledger,
    runs: store.runs,
    states: store.states,
    localModels: models,
    trainer,
    codeRunner: noCode,
    clock,
    ids: createIds(clock, random),
    random,
    settings: defaultLearningSettings,
    folder,
    targetQuality: () => 0.9,
    onChange: (event) => events.push(event),
    onPromoted: (change) => promoted.push(change),
  })
  return { cycle, events, promoted, serving, jobs, started }
}

async function addExamples(
  cycle: LearningCycle,
  from: number,
  to: number,
  agent: AgentName = 'king',
): Promise<void> {
  const createdAtMs = clock.now()
  const texts = tasksFor('train', to, agent).slice(from)
  const heldOut = tasksFor('held-out', 80, agent).slice(from === 0 ? 0 : 80)
  const entries: LedgerEntry[] = [
    ...texts.map((text) => exampleOf(text, { agent, createdAtMs })),
    ...heldOut.map((text) => exampleOf(text, { agent, use: 'held-out', right: null, createdAtMs })),
  ]
    .map((example) => ({ ...example, id: `${agent}_${example.id}` }))
    .map((record) => ({ type: 'example', record }))
  await store.ledger.commit(entries)
  cycle.noteExamples(entries)
}

async function newestRun(): Promise<TrainingRun | undefined> {
  return (await store.runs.list({ limit: 1 }))[0]
}

function auditUntilRollback(cycle: LearningCycle, goodEnough: boolean, count: number): void {
  for (let audit = 0; audit < count; audit += 1) {
    cycle.observeAudit({ agent: 'king', goodEnough, probability: 0.5, kind: 'triage' })
  }
}

test('trains by itself when there are enough examples, and promotes what is better', async () => {
  const { cycle, serving, promoted, jobs } = startCycle(['0.95'])
  await cycle.recover()
  await addExamples(cycle, 0, 499)
  cycle.afterTask('king')
  expect(cycle.currentRun).toBeNull()
  expect(cycle.layer('king').examplesUntilTraining).toBe(1)

  await addExamples(cycle, 499, 500)
  cycle.afterTask('king')
  await cycle.whenIdle()

  const run = await newestRun()
  expect(run).toMatchObject({ status: 'promoted', trigger: '500 new examples', reason: null })
  const dataset = await store.ledger.get('dataset-version', run?.datasetVersionId ?? '')
  expect(dataset?.counts).toMatchObject({ examples: 500, pairs: 0, byKind: { triage: 500 } })
  const checkpoint = await store.ledger.get('checkpoint', run?.checkpointHash ?? '')
  expect(checkpoint).toMatchObject({ trainingRunId: run?.id, datasetVersionId: dataset?.id })
  const [report] = await store.ledger.list('evaluation-report')
  expect(report).toMatchObject({ tasks: 60, promoted: true, candidate: checkpoint?.hash })
  const [promotion] = await store.ledger.list('promotion')
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
  const { cycle } = startCycle(['0.95', '0.95'])
  await cycle.recover()
  await addExamples(cycle, 0, 500)
  cycle.afterTask('king')
  await addExamples(cycle, 500, 1000)
  await addExamples(cycle, 0, 500, 'sage')
  await cycle.whenIdle()

  cycle.afterTask('king')
  const second = cycle.currentRun?.agent
  await cycle.whenIdle()

  expect(second).toBe('sage')
  expect(cycle.layer('king').examplesUntilTraining).toBe(0)
})

test('trains on fewer examples once audits leave no doubt that quality fell', async () => {
  const { cycle } = startCycle(['0.95', '0.95'])
  await cycle.recover()
  await addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  await addExamples(cycle, 500, 600)

  cycle.afterTask('king', { localQuality: { share: 0.88, atMost: 0.92 } })
  expect(cycle.currentRun).toBeNull()
  cycle.afterTask('king', { localQuality: { share: 0.8, atMost: 0.87 } })

  expect(cycle.currentRun?.trigger).toBe('quality fell and there are 100 new examples')
  await cycle.whenIdle()
})

test.each([
  ['the gate finds no gain', '0.1', 'refused', /Refused: \d+ of 60/],
  ['the trainer fails', new TrainingFailedError('out of memory'), 'failed', /^out of memory$/],
  ['the disk is full', Object.assign(new Error('ENOSPC: no space left'), {}), 'failed', /ENOSPC/],
  ['the checkpoint does not load', 'garbage', 'failed', /does not load in the serving runtime/],
])('goes on serving what it served when %s', async (_name, content, status, reason) => {
  const { cycle, serving, promoted } = startCycle([content])
  await cycle.recover()
  await addExamples(cycle, 0, 500)

  await cycle.startRun('king', 'by hand')

  expect(await newestRun()).toMatchObject({
    status,
    reason: expect.stringMatching(reason) as string,
  })
  expect(serving.get('king')).toBeNull()
  expect(promoted).toEqual([])
  expect(cycle.layer('king').examplesUntilTraining).toBe(750)
})

test('goes on from the weights that serve and rolls back to them when audits go wrong', async () => {
  const { cycle, serving, jobs, promoted } = startCycle(['0.6', '0.95'])
  await cycle.recover()
  await addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  const first = serving.get('king')
  await addExamples(cycle, 500, 1000)
  await cycle.startRun('king', 'second')
  const second = serving.get('king')

  auditUntilRollback(cycle, false, 12)
  await cycle.whenIdle()

  expect(jobs[1]?.startFrom).toBe(jobs[0]?.outputFolder)
  expect(second?.hash).not.toBe(first?.hash)
  expect(serving.get('king')).toEqual(first)
  const [rollback] = await store.ledger.list('promotion', { newestFirst: true, limit: 1 })
  expect(rollback).toMatchObject({ action: 'rollback', from: second?.hash, to: first?.hash })
  expect(promoted.at(-1)?.labels.length).toBeGreaterThan(0)
  expect(cycle.layer('king').examplesUntilTraining).toBe(100)
})

test('rolls spoiled weights that were forced into service back', async () => {
  const { cycle, serving } = startCycle(['0.95'])
  await cycle.recover()
  await addExamples(cycle, 0, 500)
  await cycle.startRun('king', 'first')
  const good = serving.get('king')
  const path = join(folder, 'spoiled.gguf')
  await writeFile(path, '0.05')

  await cycle.forceServe('king', { hash: 'spoiled', path })
  expect(serving.get('king')?.hash).toBe('spoiled')
  auditUntilRollback(cycle, false, 12)
  await cycle.whenIdle()

  expect(serving.get('king')).toEqual(good)
})

test('keeps a checkpoint that does as well as it promised, and leaves late audits of others out', async () => {
  const { cycle, serving } = startCycle(['0.95'])
  await cycle.recover()
  await addExamples(cycle, 0, 500)
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

test('takes up after a restart what served, what was counted and what was watched', async () => {
  const before = startCycle(['0.95'])
  await before.cycle.recover()
  await addExamples(before.cycle, 0, 500)
  await before.cycle.startRun('king', 'first')
  await addExamples(before.cycle, 500, 520)
  auditUntilRollback(before.cycle, true, 7)
  await before.cycle.stop()

  const after = startCycle([])
  await after.cycle.recover()

  expect(after.serving.get('king')).toEqual(before.serving.get('king'))
  expect(after.serving.get('sage')).toBeNull()
  const layer = after.cycle.layer('king')
  expect(layer.served.monitor).toEqual(before.cycle.layer('king').served.monitor)
  expect([layer.counts.training, layer.counts.heldOut, layer.counts.sinceRun]).toEqual([
    520, 80, 20,
  ])
})

test('recovers from a death in mid-run: the run has failed and nothing half-written stays', async () => {
  const before = startCycle(['never ends'])
  await before.cycle.recover()
  await addExamples(before.cycle, 0, 500)
  const unfinished = before.cycle.startRun('king', 'first')
  await before.started
  // A killed process writes nothing more; this one lives on, so its progress must be stored by now.
  await expect.poll(async () => (await newestRun())?.step).toBe(150)
  const left = join(folder, 'checkpoints', `${before.cycle.currentRun?.id}.partial`)
  await mkdir(left, { recursive: true })

  const after = startCycle([])
  await after.cycle.recover()

  expect(await newestRun()).toMatchObject({
    status: 'failed',
    reason: 'the village stopped during the run',
  })
  expect(existsSync(left)).toBe(false)
  expect(after.cycle.layer('king').examplesUntilTraining).toBe(0)
  before.cycle.cancel()
  await unfinished
})

test('serves the bare student when the checkpoint was damaged while the village was down', async () => {
  const before = startCycle(['0.95'])
  await before.cycle.recover()
  await addExamples(before.cycle, 0, 500)
  await before.cycle.startRun('king', 'first')
  await before.cycle.stop()
  await writeFile(before.serving.get('king')?.path ?? '', '0.9')

  const after = startCycle([])
  await after.cycle.recover()

  expect(after.serving.get('king')).toBeNull()
  const [rollback] = await store.ledger.list('promotion', { newestFirst: true, limit: 1 })
  expect(rollback).toMatchObject({
    action: 'rollback',
    to: null,
    reason: expect.stringContaining('damaged') as string,
  })
})

test('cancels a run, gives its examples back, and lets only one run at a time', async () => {
  const { cycle, started } = startCycle(['never ends', '0.95'])
  await cycle.recover()
  await addExamples(cycle, 0, 500)
  const first = cycle.startRun('king', 'first')
  await expect(cycle.startRun('sage', 'second')).rejects.toThrow('Another training run')
  await started

  cycle.cancel()

  expect(await first).toMatchObject({ status: 'cancelled', reason: 'cancelled by the operator' })
  expect(cycle.layer('king').counts.sinceRun).toBe(500)
  expect(await cycle.startRun('king', 'again')).toMatchObject({ status: 'promoted' })
})
