import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  clock,
  closeFixture,
  echo,
  fixture,
  idsOf,
  nameOf,
  openFixture,
  outputOf,
  reached,
  well,
} from './batch-fixture.ts'
import { openBatchParts, request } from './open-batch-parts.ts'

beforeEach(openFixture)

afterEach(closeFixture)

test('a failure that may pass is tried again, one that may not is not', async () => {
  const asked: Record<string, number> = {}
  await fixture.parts.processor.start(async ({ body }) => {
    const name = nameOf(body)
    const times = (asked[name] = (asked[name] ?? 0) + 1)
    if (name === 'passes' && times < 3) return { ...well(body), status: 503, retryable: true }
    if (name === 'stays') return { ...well(body), status: 503, retryable: true }
    return name === 'wrong' ? { ...well(body), status: 400 } : well(body)
  })

  const { id } = await fixture.parts.submit(
    ['passes', 'stays', 'wrong'].map((name) => request(name)),
  )
  const batch = await reached(id, 'completed')

  expect(asked).toEqual({ passes: 3, stays: 4, wrong: 1 })
  expect(idsOf(await outputOf(batch))).toEqual(['passes'])
})

test('a stop cuts off what is under way, and the next start asks for that alone', async () => {
  fixture.room = 1
  const asked: string[] = []
  await fixture.parts.processor.start(async ({ body }, signal) => {
    asked.push(nameOf(body))
    if (body['n'] !== 'b') return well(body)
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  })
  const { id } = await fixture.parts.submit(['a', 'b', 'c'].map((name) => request(name)))
  await vi.waitFor(() => expect(asked).toEqual(['a', 'b']))
  await fixture.parts.processor.stop()
  await fixture.parts.store.close()

  fixture.parts = await openBatchParts({ folder: fixture.folder.path, seed: 2, clock })
  await fixture.parts.processor.start(async ({ body }) => {
    asked.push(nameOf(body))
    return well(body)
  })

  const batch = await reached(id, 'completed')
  expect(asked).toEqual(['a', 'b', 'b', 'c'])
  expect(idsOf(await outputOf(batch))).toEqual(['a', 'b', 'c'])
  expect(batch.counts).toEqual({ total: 3, completed: 3, failed: 0 })
})

test('a database that fails once loses no line and doubles none', async () => {
  const { batches: store } = fixture.parts.store
  const addResult = store.addResult.bind(store)
  let failures = 0
  vi.spyOn(fixture.parts.store.batches, 'addResult').mockImplementation(async (batchId, result) => {
    if (result.line === 1 && failures === 0) {
      failures += 1
      throw new Error('the disk is full')
    }
    await addResult(batchId, result)
  })
  await fixture.parts.processor.start(echo)

  const { id } = await fixture.parts.submit(['a', 'b', 'c', 'd'].map((name) => request(name)))
  const batch = await reached(id, 'completed')

  expect(failures).toBe(1)
  expect(idsOf(await outputOf(batch))).toEqual(['a', 'b', 'c', 'd'])
  expect(fixture.parts.errors).toMatchObject([{ message: 'the disk is full' }])
})

test('files that were written but not recorded are written again under the same names', async () => {
  const { batches: store } = fixture.parts.store
  const saveBatch = store.saveBatch.bind(store)
  let failures = 0
  vi.spyOn(fixture.parts.store.batches, 'saveBatch').mockImplementation(async (batch) => {
    if (batch.status === 'completed' && failures === 0) {
      failures += 1
      throw new Error('killed')
    }
    await saveBatch(batch)
  })
  await fixture.parts.processor.start(echo)

  const { id } = await fixture.parts.submit([request('a'), request('b')])
  const batch = await reached(id, 'completed')

  const files = await fixture.parts.batches.files('key_1', { limit: 9 })
  expect(failures).toBe(1)
  expect(files.filter(({ purpose }) => purpose === 'batch_output')).toHaveLength(1)
  expect(idsOf(await outputOf(batch))).toEqual(['a', 'b'])
})

test('the results in the database are gone once the files hold them', async () => {
  await fixture.parts.processor.start(echo)

  const { id } = await fixture.parts.submit([request('a')])
  await reached(id, 'completed')

  expect((await fixture.parts.store.batches.answeredLines(id)).size).toBe(0)
})
