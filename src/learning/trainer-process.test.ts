import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TrainingFailedError } from '../kernel/errors.ts'
import type { TrainerEvent } from '../kernel/training.ts'
import { createTrainerProcess, tinyStudentTrainerSettings } from './trainer-process.ts'
import type { TrainerProcessOptions } from './trainer-process.ts'

/** Stands in for Python: speaks the protocol and behaves as the run's id says. */
const scriptedTrainer = `#!${process.execPath}
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const job = JSON.parse(fs.readFileSync(process.argv[5], 'utf8'))
const way = job.runId.replace('run_', '')
const write = (event) => fs.writeSync(1, JSON.stringify({ at: '2026-01-01T00:00:00Z', ...event }) + '\\n')
const finish = (change = {}) => {
  fs.mkdirSync(job.output, { recursive: true })
  fs.writeFileSync(job.output + '/adapter.gguf', 'weights')
  const adapterSha256 = createHash('sha256').update('weights').digest('hex')
  const manifest = { version: 1, runId: job.runId, agent: job.agent, studentHash: job.student.hash,
    datasetVersionId: job.dataset.versionId, adapterSha256, createdAt: '2026-01-01T00:00:00Z',
    steps: { sft: 150, dpo: 0 }, seconds: { sft: 1 }, finalMetrics: { loss: 0.25, entropy: null }, ...change }
  if (way !== 'noManifest') fs.writeFileSync(job.output + '/manifest.json', JSON.stringify(manifest))
  write({ event: 'finished', manifest })
}
const marker = job.output + '.marker'
const resumed = fs.existsSync(marker)
fs.writeFileSync(marker, '')
fs.writeFileSync(job.output + '.environment', JSON.stringify(process.env))
write({ event: 'started', runId: job.runId, resumedFromStep: resumed ? 50 : 0 })
write({ event: 'phase', phase: 'sft' })
write({ event: 'step', phase: 'sft', step: 10, maxSteps: 150, metrics: { loss: 1.5, entropy: null } })
switch (way) {
  case 'killedOnce': if (!resumed) process.kill(process.pid, 'SIGKILL'); else finish(); break
  case 'killedAlways': process.kill(process.pid, 'SIGKILL'); break
  case 'garbage': console.log('Loading the model ...'); setInterval(() => {}, 1000); break
  case 'halfLine': fs.writeSync(1, '{"event":"fin'); break
  case 'unknownEvent': write({ event: 'phase', phase: 'dreaming' }); setInterval(() => {}, 1000); break
  case 'failed': write({ event: 'failed', reason: 'The loss is not a number', detail: 'step 12' }); process.exit(1)
  case 'crash': console.error('Traceback\\nMemoryError: no memory'); process.exit(1)
  case 'silent': break
  case 'wrongHash': finish({ adapterSha256: 'f'.repeat(64) }); break
  case 'otherRun': finish({ runId: 'run_other' }); break
  case 'stubborn': process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); break
  default: finish()
}
`

let folder: string
let options: TrainerProcessOptions

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trainer-process-'))
  const pythonPath = join(folder, 'python')
  await writeFile(pythonPath, scriptedTrainer)
  await chmod(pythonPath, 0o755)
  await writeFile(join(folder, 'model.safetensors'), 'student')
  options = {
    pythonPath,
    trainerFolder: join(import.meta.dirname, '..', '..', 'trainer'),
    studentFolder: folder,
    converterFolder: folder,
    threads: 1,
    settings: tinyStudentTrainerSettings,
    readState: () => ({ state: 'ready', detail: '' }),
    killAfterMs: 50,
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function train(
  way: string,
  change: { options?: Partial<TrainerProcessOptions>; signal?: AbortSignal; pairs?: string } = {},
  onEvent: (event: TrainerEvent) => void = () => undefined,
) {
  const trainer = createTrainerProcess({ ...options, ...change.options })
  return trainer.train(
    {
      runId: `run_${way}`,
      agent: 'king',
      startFrom: null,
      datasetVersionId: 'ds_1',
      sftPath: join(folder, 'sft.jsonl'),
      preferencesPath: change.pairs ?? null,
      outputFolder: join(folder, `run_${way}`),
      seed: 1,
    },
    { signal: change.signal ?? new AbortController().signal, onEvent },
  )
}

test('gives the weights that the manifest describes, and the progress on the way', async () => {
  const events: TrainerEvent[] = []

  const weights = await train('fine', {}, (event) => events.push(event))

  expect(weights).toEqual({
    folder: join(folder, 'run_fine'),
    ggufPath: join(folder, 'run_fine', 'adapter.gguf'),
    hash: createHash('sha256').update('weights').digest('hex'),
    studentHash: createHash('sha256').update('student').digest('hex'),
    metrics: { loss: 0.25 },
  })
  expect(events).toEqual([
    { type: 'phase', phase: 'started' },
    { type: 'phase', phase: 'sft' },
    { type: 'step', phase: 'sft', step: 10, maxSteps: 150, metrics: { loss: 1.5 } },
  ])
})

test('asks for preference training only when the dataset has pairs', async () => {
  await train('fine')
  await train('withPairs', { pairs: join(folder, 'pairs.jsonl') })

  const job = async (name: string) =>
    JSON.parse(await readFile(join(folder, `${name}.job.json`), 'utf8')) as Record<string, unknown>
  expect(await job('run_fine')).toMatchObject({ dpo: null, dataset: { preferences: null } })
  expect(await job('run_withPairs')).toMatchObject({ dpo: tinyStudentTrainerSettings.dpo })
})

test('hands the trainer no keys', async () => {
  process.env['OPENROUTER_API_KEY'] = 'sk-secret'
  try {
    await train('keys')
  } finally {
    delete process.env['OPENROUTER_API_KEY']
  }

  expect(await readFile(join(folder, 'run_keys.environment'), 'utf8')).not.toContain('sk-secret')
})

test('starts a trainer that was killed once more, so that it goes on from what it saved', async () => {
  const events: TrainerEvent[] = []

  await train('killedOnce', {}, (event) => events.push(event))

  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: expect.stringContaining('killed by SIGKILL') as string },
    { type: 'warning', message: 'Resumed from step 50' },
  ])
})

test.each([
  ['killedAlways', /killed by SIGKILL/],
  ['garbage', /not JSON: Loading the model/],
  ['halfLine', /not JSON: \{"event":"fin/],
  ['unknownEvent', /does not fit the schema/],
  ['failed', /^The loss is not a number: step 12$/],
  ['crash', /ended with code 1 before it finished: MemoryError: no memory/],
  ['silent', /ended with code 0 before it finished/],
  ['noManifest', /left no manifest/],
  ['wrongHash', /do not have the manifest's hash/],
  ['otherRun', /of another run or student/],
])('fails the run with the reason when the trainer ends so: %s', async (way, reason) => {
  const failure = await train(way).catch((error: unknown) => error)

  expect(failure).toBeInstanceOf(TrainingFailedError)
  expect((failure as Error).message).toMatch(reason)
})

test('fails the run when Python cannot be started', async () => {
  const nowhere = { options: { pythonPath: join(folder, 'nowhere') } }

  await expect(train('fine', nowhere)).rejects.toThrow(/could not be started/)
})

test('ends a cancelled run, by force when it does not end by itself', async () => {
  const abort = new AbortController()
  const reason = new Error('cancelled by the operator')

  const run = train('stubborn', { signal: abort.signal }, (event) => {
    if (event.type === 'step') abort.abort(reason)
  })

  await expect(run).rejects.toBe(reason)
})

test('waits while the Python side is being set up, and says so', () => {
  const installing = createTrainerProcess({
    ...options,
    readState: () => ({ state: 'installing', detail: 'installing torch (2 of 5)' }),
  })

  expect(createTrainerProcess(options).unavailableBecause()).toBeNull()
  expect(installing.unavailableBecause()).toBe('training waits: installing torch (2 of 5)')
})
