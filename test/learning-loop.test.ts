import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPythonSide } from '../src/app/python-side.ts'
import { openSimulation } from '../src/app/simulate-village.ts'
import { lastUserText } from '../src/kernel/chat.ts'
import { isGoodEnough } from '../src/kernel/comparison.ts'
import type { Promotion, TrainingRun } from '../src/kernel/training.ts'
import { writeRandomAdapter } from '../src/models/llama-cpp/random-adapter.ts'
import { studentShape } from '../src/models/llama-cpp/test-student.ts'
import type { Family } from '../src/simulation/families/family.ts'
import { kingTriage } from '../src/simulation/families/king-triage.ts'
import { VillageSettings } from '../src/village/settings.ts'
import { temporaryFolder } from './scripted-village.ts'

/**
 * The whole loop on its real parts, only shorter: the tiny student, the Python trainer, the gate in
 * the serving runtime, promotion, routing, audits and rollback. The tests build on each other.
 */
const settings = VillageSettings.parse({
  learning: { examplesPerRun: 160, heldOutShare: 0.25, trainingSteps: 240 },
})
const longestLearningTasks = 600
const tasksPerLook = 40

/** Tickets worded in one way, which is as much as a training of a minute can teach. */
const triageInOneWording: Family = {
  ...kingTriage,
  make: (random) => {
    for (;;) {
      const task = kingTriage.make(random)
      if (lastUserText(task.messages).startsWith('Sort this support message')) return task
    }
  },
}

type Simulation = Awaited<ReturnType<typeof openSimulation>>

let folder: ReturnType<typeof temporaryFolder>
let simulation: Simulation

beforeAll(async () => {
  const { state, detail } = readPythonSide()
  if (state !== 'ready') throw new Error(`The trainer is needed: it is ${state}. ${detail}`)
  folder = temporaryFolder()
  simulation = await openSimulation({
    seed: 3,
    settings,
    families: [triageInOneWording],
    signal: new AbortController().signal,
  })
})

afterAll(async () => {
  await simulation?.close()
  folder?.remove()
})

test('trains on frontier answers, promotes by the gate and answers locally', async () => {
  const { environment, village } = simulation

  const localTasks = await runUntilLocal(simulation)

  const [run] = await runsOf(simulation)
  expect(run).toMatchObject({ agent: 'king', status: 'promoted', reason: null })
  expect(run?.metrics['loss']).toBeGreaterThan(0)
  const [report] = await village.store.ledger.list('evaluation-report', { agent: 'king' })
  expect(report).toMatchObject({ promoted: true, serving: null, candidate: run?.checkpointHash })
  expect(report?.candidateRight).toBeGreaterThan(report?.servingRight ?? Infinity)
  expect(report?.why).not.toBe('')
  expect(localTasks).toBeGreaterThan(0)
  const local = environment.answered.filter(({ route }) => route === 'local')
  expect(local.filter(({ right }) => right).length / local.length).toBeGreaterThan(0.8)
})

test('a local answer can be followed to its checkpoint and its dataset with every right', async () => {
  const { store, trails } = simulation.village
  const decisions = await store.ledger.list('decision', { agent: 'king' })
  const local = decisions.find(({ route }) => route === 'local')

  const trail = await trails.find(local?.id ?? '')

  const [run] = await runsOf(simulation)
  expect(trail?.decision).toMatchObject({ route: 'local', model: 'local/king' })
  expect(trail?.checkpoint).toMatchObject({ hash: run?.checkpointHash, trainingRunId: run?.id })
  expect(trail?.dataset?.id).toBe(run?.datasetVersionId)
  const byRight = Object.values(trail?.dataset?.byRight ?? {})
  expect(byRight.reduce((sum, count) => sum + count, 0)).toBe(trail?.dataset?.examples)
  expect(trail?.savedUsd).toBeGreaterThan(0)
})

test('a spoiled checkpoint forced into service is rolled back within 300 tasks', async () => {
  const { village, environment } = simulation
  const promoted = village.cycle.layer('king').served.weights
  const spoiled = await writeRandomAdapter({
    ...(await studentShape()),
    folder: folder.path,
    seed: 1,
    strength: 40,
  })
  await village.cycle.forceServe('king', spoiled)
  const before = environment.answered.length

  while ((await rollbacks(simulation)).length === 0 && environment.answered.length < before + 300) {
    await environment.run(8)
  }

  expect(await rollbacks(simulation)).toMatchObject([{ from: spoiled.hash, to: promoted?.hash }])
  expect(environment.answered.length - before).toBeLessThanOrEqual(300)
  expect(village.cycle.layer('king').served.weights).toEqual(promoted)
  const comparisons = await village.store.ledger.list('comparison', { agent: 'king' })
  const ofSpoiled = comparisons.filter(({ checkpoint }) => checkpoint === spoiled.hash)
  expect(ofSpoiled.some(({ verdict }) => !isGoodEnough(verdict))).toBe(true)
})

/** Tasks answered locally since the promotion; stops as soon as there are some. */
async function runUntilLocal({ environment }: Simulation): Promise<number> {
  const localTasks = (): number =>
    environment.answered.filter(({ route }) => route === 'local').length
  while (environment.answered.length < longestLearningTasks && localTasks() < 20) {
    await environment.run(tasksPerLook)
  }
  return localTasks()
}

/** Oldest first. */
async function runsOf({ village }: Simulation): Promise<readonly TrainingRun[]> {
  return (await village.store.runs.list({ agent: 'king' })).toSorted(
    (left, right) => left.startedAtMs - right.startedAtMs,
  )
}

async function rollbacks({ village }: Simulation): Promise<readonly Promotion[]> {
  const all = await village.store.ledger.list('promotion', { agent: 'king' })
  return all.filter(({ action }) => action === 'rollback')
}
