import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Ledger } from '../kernel/stores.ts'
import type { Checkpoint, TrainingRun } from '../kernel/training.ts'
import { ModelCheckpointer } from './checkpoints.ts'
import { steppingClock } from './learning-fixtures.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** As much of a ledger as checkpoints need; the whole cycle is tested on the real one. */
function ledgerOf(checkpoints: Checkpoint[]): Ledger {
  return {
    commit: (entries: readonly { record: unknown }[]) => {
      checkpoints.push(...entries.map(({ record }) => record as Checkpoint))
      return Promise.resolve()
    },
    get: (_type: string, hash: string) =>
      Promise.resolve(checkpoints.find((checkpoint) => checkpoint.hash === hash) ?? null),
    list: () =>
      Promise.resolve(checkpoints.toSorted((left, right) => right.createdAtMs - left.createdAtMs)),
  } as unknown as Ledger
}

async function checkpointer(count: number) {
  const checkpoints: Checkpoint[] = []
  const subject = new ModelCheckpointer({
    ledger: ledgerOf(checkpoints),
    clock: steppingClock(),
    folder,
    kept: 2,
  })
  for (let index = 0; index < count; index += 1) {
    const runId = `run_${index}`
    await mkdir(subject.folderOf(runId))
    const ggufPath = join(subject.folderOf(runId), 'adapter.gguf')
    await writeFile(ggufPath, runId)
    const hash = createHash('sha256').update(runId).digest('hex')
    const run = { id: runId, agent: 'king', datasetVersionId: 'ds_1' } as TrainingRun
    const weights = {
      folder: subject.folderOf(runId),
      ggufPath,
      hash,
      studentHash: 's',
      metrics: {},
    }
    await subject.register(weights, run)
  }
  return { subject, checkpoints }
}

test('keeps the newest checkpoints and those in use, and deletes the files of the others', async () => {
  const { subject, checkpoints } = await checkpointer(5)

  await subject.prune('king', new Set([checkpoints[1]?.hash ?? '']))

  expect(checkpoints.map((checkpoint) => existsSync(checkpoint.folder))).toEqual([
    false,
    true,
    false,
    true,
    true,
  ])
})

test('gives weights to load only when the file is what was registered', async () => {
  const { subject, checkpoints } = await checkpointer(2)
  const [good, damaged] = checkpoints.map(({ hash, ggufPath }) => ({ hash, path: ggufPath }))
  if (good === undefined || damaged === undefined) throw new Error('two checkpoints are needed')
  await writeFile(damaged.path, 'half of it')

  expect(await subject.verifiedWeights(good)).toEqual(good)
  await expect(subject.verifiedWeights(damaged)).rejects.toThrow('is damaged')
  await rm(damaged.path)
  await expect(subject.verifiedWeights(damaged)).rejects.toThrow('cannot be read')
})

test('registers equal weights once', async () => {
  const { subject, checkpoints } = await checkpointer(1)
  const [first] = checkpoints
  if (first === undefined) throw new Error('a checkpoint is needed')

  const again = await subject.register({ ...first, metrics: {} }, { id: 'run_x' } as TrainingRun)

  expect(again).toBe(first)
  expect(checkpoints).toHaveLength(1)
})

test('removes what a crash has left and no checkpoint names', async () => {
  const { subject, checkpoints } = await checkpointer(1)
  for (const name of ['run_9.partial', 'run_9.work', 'run_8']) await mkdir(join(folder, name))

  const removed = await subject.removeLeftOvers()

  expect(removed).toHaveLength(3)
  expect(removed.some((path) => existsSync(path))).toBe(false)
  expect(existsSync(checkpoints[0]?.folder ?? '')).toBe(true)
})

test('a home folder that was moved keeps its checkpoints and their weights', async () => {
  const { checkpoints } = await checkpointer(1)
  const moved = `${folder}-moved`
  await rename(folder, moved)
  const subject = new ModelCheckpointer({
    ledger: ledgerOf(checkpoints),
    clock: steppingClock(),
    folder: moved,
    kept: 2,
  })

  const leftOvers = await subject.removeLeftOvers()
  const found = await subject.find(checkpoints[0]?.hash ?? '')
  await rename(moved, folder)

  expect(leftOvers).toEqual([])
  expect(found?.ggufPath).toBe(join(moved, 'run_0', 'adapter.gguf'))
})
