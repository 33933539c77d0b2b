import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { trainerThreads } from '../src/app/agent-settings.ts'
import { pythonPaths, readPythonSide } from '../src/app/python-side.ts'
import { tinyStudent } from '../src/app/local-student.ts'
import { seededRandom } from '../src/kernel/random.ts'
import {
  createTrainerProcess,
  tinyStudentTrainerSettings,
} from '../src/learning/trainer-process.ts'
import { demoFamilies } from '../src/simulation/families/demo-families.ts'
import { startChild } from './gateway/child.ts'
import type { LoadOrder, LoadResult } from './gateway/load.ts'

/**
 * `npm run bench:during-training -- [--json] [--seconds S] [--rounds N]`: latency of the gateway, with
 * a frontier slug as model, before, during and after a training run on the same cores, in one run.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
  },
})
const examplesPerFamily = 300
/** More than can be made while we measure; the run is cancelled then. */
const steps = 100_000
const body = JSON.stringify({
  model: 'bench/fixed',
  messages: [{ role: 'user', content: 'My card was charged twice for the March invoice.' }],
})

const folder = await mkdtemp(join(tmpdir(), 'village-during-training-'))
const upstream = await startChild(programAt('./gateway/upstream-double.ts'), [])
const village = await startChild(programAt('./gateway/village.ts'), [
  String(upstream.said['url']),
  folder,
])
try {
  const before = await measureRounds()
  const during = await whileTraining(measureRounds)
  const after = await measureRounds()
  const idleP50Ms = median([...before, ...after].map(({ p50Ms }) => p50Ms))
  const trainingP50Ms = median(during.map(({ p50Ms }) => p50Ms))
  const report = {
    node: process.version,
    cores: availableParallelism(),
    idleP50Ms,
    trainingP50Ms,
    times: trainingP50Ms / idleP50Ms,
    trainingP99Ms: median(during.map(({ p99Ms }) => p99Ms)),
    failures: [...before, ...during, ...after].reduce((sum, { failures }) => sum + failures, 0),
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify(report)}\n`
      : `p50 idle ${idleP50Ms.toFixed(2)} ms, while training ${trainingP50Ms.toFixed(2)} ms: ${report.times.toFixed(2)} ×\n`,
  )
} finally {
  await village.stop()
  await upstream.stop()
  await rm(folder, { recursive: true, force: true })
}

async function measureRounds(): Promise<readonly LoadResult[]> {
  const results: LoadResult[] = []
  for (let round = 0; round < Number(options.rounds); round += 1) results.push(await measure())
  return results
}

async function measure(): Promise<LoadResult> {
  const order: LoadOrder = {
    url: `${String(village.said['url'])}/v1/chat/completions`,
    headers: { authorization: `Bearer ${String(village.said['key'])}` },
    body,
    connections: 1,
    warmUpMs: 300,
    durationMs: Number(options.seconds) * 1000,
  }
  const child = await startChild(programAt('./gateway/load.ts'), [JSON.stringify(order)])
  await child.stop()
  return child.said as LoadResult
}

/** Runs `work` from the first step of a real training run on, and then cancels the run. */
async function whileTraining<Result>(work: () => Promise<Result>): Promise<Result> {
  const { state, detail } = readPythonSide()
  if (state !== 'ready') throw new Error(`The trainer is needed: it is ${state}. ${detail}`)
  const sftPath = join(folder, 'sft.jsonl')
  await writeFile(sftPath, exampleLines())
  const { sft } = tinyStudentTrainerSettings
  const trainer = createTrainerProcess({
    pythonPath: pythonPaths.python,
    trainerFolder: pythonPaths.trainerFolder,
    studentFolder: tinyStudent.folder,
    converterFolder: pythonPaths.converterFolder,
    threads: trainerThreads(),
    settings: { ...tinyStudentTrainerSettings, sft: { ...sft, maxSteps: steps } },
    readState: readPythonSide,
  })
  const stop = new AbortController()
  const firstStep = Promise.withResolvers<void>()
  const training = trainer.train(
    {
      runId: 'run_bench',
      agent: 'king',
      datasetVersionId: 'ds_bench',
      sftPath,
      preferencesPath: null,
      startFrom: null,
      outputFolder: join(folder, 'trained'),
      seed: 1,
    },
    {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'step') firstStep.resolve()
      },
    },
  )
  const ended = training.then(
    () => undefined,
    (error: unknown) => error,
  )
  await Promise.race([
    firstStep.promise,
    ended.then((error) => {
      throw error ?? new Error('The training run ended before it was measured')
    }),
  ])
  try {
    return await work()
  } finally {
    stop.abort()
    await ended
  }
}

function exampleLines(): string {
  const random = seededRandom(1)
  return demoFamilies
    .filter((family) => family.agent === 'king')
    .flatMap((family) =>
      Array.from({ length: examplesPerFamily }, () => {
        const { messages, truth } = family.make(random)
        return `${JSON.stringify({ messages, completion: truth.reference })}\n`
      }),
    )
    .join('')
}

function programAt(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
