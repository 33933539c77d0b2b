import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIds } from '../kernel/ids.ts'
import { seededRandom } from '../kernel/random.ts'
import { buildDataset } from './build-dataset.ts'
import type { DatasetInput } from './build-dataset.ts'
import { exampleOf, pairOf, steppingClock, tasksFor } from './learning-fixtures.ts'
import { defaultLearningSettings } from './learning-settings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'datasets-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const texts = tasksFor('train', 2000)

function build(change: Partial<DatasetInput>) {
  const clock = steppingClock()
  const random = seededRandom(1)
  return buildDataset({
    agent: 'king',
    examples: [],
    pairs: [],
    freshSinceMs: 0,
    checkpoint: 'now',
    doableKinds: new Set(['triage', 'record']),
    heldOutShare: 0.12,
    settings: defaultLearningSettings.dataset,
    folder,
    random,
    ids: createIds(clock, random),
    clock,
    ...change,
  })
}

function examplesOf(kind: string, from: number, to: number, createdAtMs = 100) {
  return texts.slice(from, to).map((text) => exampleOf(text, { kind, createdAtMs }))
}

function pairsOf(kind: string, from: number, to: number) {
  return texts.slice(from, to).map((text) => pairOf(text, { kind }))
}

async function rowsOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the examples', () => {
  test('are written as the trainer reads them, and counted by kind and by right', async () => {
    const corrected = exampleOf(texts[2] ?? '', {
      kind: 'record',
      right: { model: 'user', distillable: 'granted', basis: 'user-correction' },
    })

    const dataset = await build({ examples: [...examplesOf('triage', 0, 2), corrected] })

    expect((await rowsOf(dataset.sftPath))[0]).toEqual({
      messages: [{ role: 'user', content: texts[0] }],
      completion: `answer to ${texts[0]}`,
    })
    expect(dataset.counts).toEqual({
      examples: 3,
      replayed: 0,
      pairs: 0,
      byKind: { triage: 2, record: 1 },
      byRight: {
        'maker/teacher (yes, models-list)': 2,
        'user (granted, user-correction)': 1,
      },
    })
    expect(await readdir(dirname(dataset.sftPath))).toEqual(['sft.jsonl'])
  })

  test('are balanced over the kinds, with a cap for each and for all', async () => {
    const examples = [
      ...examplesOf('triage', 0, 900),
      ...examplesOf('record', 900, 1000),
      ...examplesOf('fields', 1000, 1600),
    ]

    const dataset = await build({ examples })

    expect(dataset.counts.byKind).toEqual({ triage: 500, record: 100, fields: 500 })
  })

  test('replay older ones of kinds that have nothing new, and only a share of them', async () => {
    const dataset = await build({
      examples: [...examplesOf('triage', 0, 340, 200), ...examplesOf('record', 340, 800, 100)],
      freshSinceMs: 150,
    })

    expect(dataset.counts.byKind).toEqual({ triage: 340, record: 60 })
    expect(dataset.counts.replayed).toBe(60)
  })

  test('hold the newest answer to a task once', async () => {
    const [text = ''] = texts
    const older = exampleOf(text, { id: 'ex_old', answer: 'old', createdAtMs: 1 })
    const newer = exampleOf(text, { id: 'ex_new', answer: 'new', createdAtMs: 2 })

    const dataset = await build({ examples: [newer, older] })

    expect(await rowsOf(dataset.sftPath)).toMatchObject([{ completion: 'new' }])
  })

  test('have the same hash when they are the same, whatever their order', async () => {
    const examples = examplesOf('triage', 0, 50)

    const one = await build({ examples, folder: join(folder, 'one') })
    const same = await build({ examples: examples.toReversed(), folder: join(folder, 'two') })
    const less = await build({ examples: examples.slice(1), folder: join(folder, 'three') })

    expect(same.hash).toBe(one.hash)
    expect(less.hash).not.toBe(one.hash)
  })

  test('are never held out and never without the right to train: that is a bug and is loud', async () => {
    const [heldOut = ''] = tasksFor('held-out', 1)

    await expect(build({ examples: [exampleOf(heldOut)] })).rejects.toThrow('held out')
    await expect(build({ pairs: [pairOf(heldOut)] })).rejects.toThrow('held out')
    await expect(build({ examples: [exampleOf(texts[0] ?? '', { right: null })] })).rejects.toThrow(
      'may not be trained on',
    )
    expect(await readdir(folder)).toEqual([])
  })
})

describe('the pairs', () => {
  const examples = examplesOf('triage', 0, 10)

  test('are written when there are enough of at least two kinds', async () => {
    const pairs = [...pairsOf('triage', 0, 40), ...pairsOf('record', 40, 80)]

    const dataset = await build({ examples, pairs })

    expect(dataset.counts.pairs).toBe(80)
    expect(await rowsOf(dataset.preferencesPath ?? '')).toHaveLength(80)
  })

  test('of one kind do not crowd out the others', async () => {
    const pairs = [...pairsOf('triage', 0, 200), ...pairsOf('record', 200, 230)]

    const dataset = await build({ examples, pairs })

    expect(dataset.counts.pairs).toBe(90)
  })

  test.each([
    ['there are too few', { pairs: [...pairsOf('triage', 0, 29), ...pairsOf('record', 40, 70)] }],
    ['they are all of one kind', { pairs: pairsOf('triage', 0, 200) }],
    [
      'they are of kinds that the student cannot do',
      { pairs: [...pairsOf('sums', 0, 90), ...pairsOf('hops', 90, 180)] },
    ],
    [
      'they are of other weights',
      { pairs: [...pairsOf('triage', 0, 90), ...pairsOf('record', 90, 180)], checkpoint: null },
    ],
  ])('are left out when %s', async (_name, change) => {
    const dataset = await build({ examples, ...change })

    expect(dataset).toMatchObject({ preferencesPath: null, counts: { pairs: 0 } })
  })
})
