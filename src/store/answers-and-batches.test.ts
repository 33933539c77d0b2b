import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Batch, BatchStatus } from '../kernel/batch.ts'
import type { CachedAnswer } from '../kernel/cached-answer.ts'
import { noUsage } from '../kernel/chat.ts'
import { openStore } from './open-store.ts'
import type { SqliteVillageStore } from './open-store.ts'
import { aDecision } from './sample-records.ts'

let folder: string
let store: SqliteVillageStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-answers-'))
  store = await openStore({ path: join(folder, 'village.db'), durability: 'process' })
})

afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

function kept(key: string, storedAtMs: number, text = 'Ärger 🏘️'): CachedAnswer {
  return {
    head: {
      key,
      tenant: 'key_1',
      requestedModel: 'village',
      agent: 'king',
      localAgent: null,
      checkpoint: null,
      decisionId: 'dec_1',
      sizeBytes: 10,
      storedAtMs,
      expiresAtMs: storedAtMs + 1,
    },
    answer: {
      text,
      finishReason: 'stop',
      usage: noUsage,
      model: 'vendor/model',
      latencyMs: 1,
      retries: 0,
      extra: { reasoning: null },
    },
    decision: aDecision({}),
  }
}

function aBatch(id: string, status: BatchStatus, tenant = 'key_1'): Batch {
  return {
    id,
    tenant,
    endpoint: '/v1/chat/completions',
    inputFileId: 'file_1',
    outputFileId: null,
    errorFileId: null,
    status,
    problems: [],
    counts: { total: 0, completed: 0, failed: 0 },
    metadata: { note: "'; drop table batches; --" },
    createdAtMs: 1,
    expiresAtMs: 2,
    reachedAtMs: { in_progress: 1 },
  }
}

test('a kept answer comes back as it was, the last one of its key', async () => {
  await store.answers.save(kept('a', 2, 'old'))
  await store.answers.save(kept('a', 3))
  await store.answers.save(kept('b', 1))

  expect(await store.answers.load('a')).toEqual(kept('a', 3))
  expect((await store.answers.heads()).map(({ key }) => key)).toEqual(['b', 'a'])
  await store.answers.remove(['a', 'unknown'])
  expect(await store.answers.load('a')).toBeNull()
})

test('the first result of a line stays, and results come in the order of lines', async () => {
  const results = Array.from({ length: 450 }, (_, line) => ({
    line,
    failed: line === 7,
    body: `{"line":${line}}`,
  }))

  await Promise.all(results.toReversed().map((one) => store.batches.addResult('batch_1', one)))
  await store.batches.addResult('batch_1', { line: 3, failed: true, body: 'again' })

  const stored: object[] = []
  for await (const one of store.batches.results('batch_1')) stored.push(one)
  expect(stored).toEqual(results)
  const answered = await store.batches.answeredLines('batch_1')
  expect([answered.size, answered.get(7), answered.get(8)]).toEqual([
    450,
    { failed: true },
    { failed: false },
  ])
})

test('a batch that has come to its end keeps no results, and others keep theirs', async () => {
  await store.batches.addResult('batch_2', { line: 0, failed: false, body: '{}' })
  await store.batches.addResult('batch_3', { line: 0, failed: false, body: '{}' })

  await store.batches.saveBatch(aBatch('batch_2', 'in_progress'))
  const before = await store.batches.answeredLines('batch_2')
  await store.batches.saveBatch(aBatch('batch_2', 'completed'))

  expect(before.size).toBe(1)
  expect((await store.batches.answeredLines('batch_2')).size).toBe(0)
  expect((await store.batches.answeredLines('batch_3')).size).toBe(1)
})

test('a tenant lists its own batches, newest first and in pages', async () => {
  for (const id of ['batch_a', 'batch_b', 'batch_c']) {
    await store.batches.saveBatch(aBatch(id, 'validating', 'key_9'))
  }

  const ids = async (after?: string) =>
    (await store.batches.batches('key_9', { limit: 2, ...(after !== undefined && { after }) })).map(
      ({ id }) => id,
    )

  expect(await ids()).toEqual(['batch_c', 'batch_b'])
  expect(await ids('batch_b')).toEqual(['batch_a'])
  expect(await store.batches.batches("' or 1=1 --", { limit: 9 })).toEqual([])
  expect(await store.batches.batch('batch_a')).toEqual(aBatch('batch_a', 'validating', 'key_9'))
})

test('finds what is unfinished, and nothing else', async () => {
  await store.batches.saveBatch(aBatch('batch_x', 'finalizing', 'key_8'))
  await store.batches.saveBatch(aBatch('batch_y', 'cancelled', 'key_8'))

  const unfinished = (await store.batches.unfinishedBatches()).filter(
    ({ tenant }) => tenant === 'key_8',
  )

  expect(unfinished.map(({ id }) => id)).toEqual(['batch_x'])
})
