import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditUntilRollback, openCycleFolder } from './scripted-cycle.ts'

let village: Awaited<ReturnType<typeof openCycleFolder>>

beforeEach(async () => {
  village = await openCycleFolder()
})

afterEach(() => village.remove())

test('takes up after a restart what served, what was counted and what was watched', async () => {
  const before = village.startCycle(['0.95'])
  await before.cycle.recover()
  await village.addExamples(before.cycle, 0, 500)
  await before.cycle.startRun('king', 'first')
  await village.addExamples(before.cycle, 500, 520)
  auditUntilRollback(before.cycle, true, 7)
  await before.cycle.stop()

  const after = village.startCycle([])
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
  const before = village.startCycle(['never ends'])
  await before.cycle.recover()
  await village.addExamples(before.cycle, 0, 500)
  const unfinished = before.cycle.startRun('king', 'first')
  await before.started
  // A killed process writes nothing more; this one lives on, so its progress must be stored by now.
  await expect.poll(async () => (await village.newestRun())?.step).toBe(150)
  const left = join(village.folder, 'checkpoints', `${before.cycle.currentRun?.id}.partial`)
  await mkdir(left, { recursive: true })

  const after = village.startCycle([])
  await after.cycle.recover()

  expect(await village.newestRun()).toMatchObject({
    status: 'failed',
    reason: 'the village stopped during the run',
  })
  expect(existsSync(left)).toBe(false)
  expect(after.cycle.layer('king').examplesUntilTraining).toBe(0)
  before.cycle.cancel()
  await unfinished
})

test('serves the bare student when the checkpoint was damaged while the village was down', async () => {
  const before = village.startCycle(['0.95'])
  await before.cycle.recover()
  await village.addExamples(before.cycle, 0, 500)
  await before.cycle.startRun('king', 'first')
  await before.cycle.stop()
  await writeFile(before.serving.get('king')?.path ?? '', '0.9')

  const after = village.startCycle([])
  await after.cycle.recover()

  expect(after.serving.get('king')).toBeNull()
  const [rollback] = await village.store.ledger.list('promotion', { newestFirst: true, limit: 1 })
  expect(rollback).toMatchObject({
    action: 'rollback',
    to: null,
    reason: expect.stringContaining('damaged') as string,
  })
})
