import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../src/kernel/clock.ts'
import {
  closeFixture,
  echo,
  errorsOf,
  fixture,
  idsOf,
  openFixture,
  outputOf,
  reached,
  well,
} from './batch-fixture.ts'
import { request } from './open-batch-parts.ts'

beforeEach(openFixture)

afterEach(closeFixture)

test('every line is answered once, failures in the error file, in the order of the input', async () => {
  await fixture.parts.processor.start(async ({ body }) =>
    body['bad'] === true ? { ...well(body), status: 400 } : well(body),
  )

  const { id } = await fixture.parts.submit([
    request('a'),
    '',
    request('b', { bad: true }),
    ...Array.from({ length: 30 }, (_, index) => request(`c${index}`)),
    '  \r',
  ])
  const batch = await reached(id, 'completed')

  const [output, errors] = [await outputOf(batch), await errorsOf(batch)]
  expect(idsOf(output)).toEqual(['a', ...Array.from({ length: 30 }, (_, index) => `c${index}`)])
  expect(output[0]).toMatchObject({
    response: { status_code: 200, request_id: 'req_1', body: { echo: { n: 'a' } } },
    error: null,
  })
  expect(errors).toMatchObject([{ custom_id: 'b', response: { status_code: 400 } }])
  expect(batch.counts).toEqual({ total: 32, completed: 31, failed: 1 })
  expect(fixture.parts.errors).toEqual([])
})

test('a file with mistakes is refused as a whole, with the line of each', async () => {
  await fixture.parts.processor.start(echo)

  const { id } = await fixture.parts.submit([
    request('a'),
    '{"custom_id": "cut',
    '',
    request('a'),
    { ...request('b'), url: '/v1/embeddings' },
    { ...request('c'), method: 'GET' },
    { ...request('d'), body: [] },
    { ...request('e'), custom_id: 5 },
    '"text"',
  ])
  const batch = await reached(id, 'failed')

  expect(batch.problems.map(({ code, line }) => [code, line])).toEqual([
    ['invalid_json_line', 2],
    ['duplicate_custom_id', 4],
    ['mismatched_endpoint', 5],
    ['invalid_method', 6],
    ['invalid_body', 7],
    ['invalid_custom_id', 8],
    ['invalid_json_line', 9],
  ])
  expect(batch.outputFileId).toBeNull()
})

test('an empty file and bytes that are no text are refused', async () => {
  await fixture.parts.processor.start(echo)
  const bytes = new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])
  const upload = { tenant: 'key_1', filename: 'x', content: bytes }
  const file = await fixture.parts.batches.upload(upload)

  const empty = await fixture.parts.submit([''])
  const binary = await fixture.parts.batches.create({
    tenant: 'key_1',
    inputFileId: file.id,
    endpoint: '/v1/chat/completions',
    metadata: null,
  })

  expect((await reached(empty.id, 'failed')).problems).toMatchObject([{ code: 'empty_file' }])
  expect((await reached(binary.id, 'failed')).problems).toMatchObject([
    { code: 'invalid_json_line', line: 1 },
  ])
})

test('line breaks that JSON allows inside a string break no line', async () => {
  await fixture.parts.processor.start(echo)

  const { id } = await fixture.parts.submit([
    request('a', { text: 'one\u2028two\u2029three\u0085' }),
  ])

  expect(await outputOf(await reached(id, 'completed'))).toMatchObject([
    { response: { body: { echo: { text: 'one\u2028two\u2029three\u0085' } } } },
  ])
})

test('nothing is begun while interactive traffic takes all the room, and never more than fits', async () => {
  fixture.room = 0
  const gate = Promise.withResolvers<void>()
  let [running, most] = [0, 0]
  await fixture.parts.processor.start(async ({ body }) => {
    running += 1
    most = Math.max(most, running)
    await gate.promise
    running -= 1
    return well(body)
  })
  const { id } = await fixture.parts.submit(
    Array.from({ length: 9 }, (_, index) => request(`r${index}`)),
  )
  await reached(id, 'in_progress')
  await systemClock.sleep(20)
  const whileFull = running

  fixture.room = 2
  await vi.waitFor(() => expect(running).toBe(2))
  await systemClock.sleep(20)
  gate.resolve()

  await reached(id, 'completed')
  expect([whileFull, most]).toEqual([0, 2])
})

test('tenants take turns: a long batch does not hold up the short one of another', async () => {
  fixture.room = 0
  const order: string[] = []
  await fixture.parts.processor.start(async ({ tenant, body }) => {
    order.push(tenant)
    return well(body)
  })
  const many = Array.from({ length: 40 }, (_, index) => request(`r${index}`))
  const long = await fixture.parts.submit(many, 'key_1')
  const short = await fixture.parts.submit(many.slice(0, 3), 'key_2')
  await reached(long.id, 'in_progress')
  await reached(short.id, 'in_progress', 'key_2')

  fixture.room = 1
  await reached(short.id, 'completed', 'key_2')
  await reached(long.id, 'completed')

  expect(order.lastIndexOf('key_2')).toBeLessThan(8)
})

test('a cancelled batch finishes what is under way and says of each other line that it was cancelled', async () => {
  fixture.room = 2
  const gate = Promise.withResolvers<void>()
  let begun = 0
  await fixture.parts.processor.start(async ({ body }) => {
    begun += 1
    await gate.promise
    return well(body)
  })
  const { id } = await fixture.parts.submit(['a', 'b', 'c', 'd'].map((name) => request(name)))
  await vi.waitFor(() => expect(begun).toBe(2))

  const cancelling = await fixture.parts.batches.cancel('key_1', id)
  gate.resolve()
  const batch = await reached(id, 'cancelled')

  expect(cancelling.status).toBe('cancelling')
  expect(idsOf(await outputOf(batch))).toEqual(['a', 'b'])
  expect(await errorsOf(batch)).toMatchObject([
    { custom_id: 'c', response: null, error: { code: 'batch_cancelled' } },
    { custom_id: 'd', response: null, error: { code: 'batch_cancelled' } },
  ])
  expect(begun).toBe(2)
  expect((await fixture.parts.batches.cancel('key_1', id)).status).toBe('cancelled')
})

test('a batch that finds no room within its window expires', async () => {
  fixture.room = 0
  await fixture.parts.processor.start(echo)
  const { id } = await fixture.parts.submit([request('a')])
  await reached(id, 'in_progress')

  fixture.nowMs += 86_400_000
  const batch = await reached(id, 'expired')

  expect(await errorsOf(batch)).toMatchObject([{ error: { code: 'batch_expired' } }])
  expect(batch.outputFileId).toBeNull()
})

test('a batch can be cancelled while its last lines are under way', async () => {
  const gate = Promise.withResolvers<void>()
  let begun = 0
  await fixture.parts.processor.start(async ({ body }) => {
    begun += 1
    await gate.promise
    return well(body)
  })
  const { id } = await fixture.parts.submit([request('a')])
  await vi.waitFor(() => expect(begun).toBe(1))

  await fixture.parts.batches.cancel('key_1', id)
  gate.resolve()

  expect(idsOf(await outputOf(await reached(id, 'cancelled')))).toEqual(['a'])
})

test('what belongs to another tenant does not exist', async () => {
  await fixture.parts.processor.start(echo)
  const { id, inputFileId } = await fixture.parts.submit([request('a')])
  const { batches } = fixture.parts

  for (const reading of [
    batches.batch('key_2', id),
    batches.cancel('key_2', id),
    batches.file('key_2', inputFileId),
    batches.content('key_2', inputFileId),
    batches.removeFile('key_2', inputFileId),
    batches.create({ tenant: 'key_2', inputFileId, endpoint: '/v1/x', metadata: null }),
  ]) {
    await expect(reading).rejects.toThrow(/There is no (batch|file)/)
  }
  expect(await batches.batches('key_2', { limit: 9 })).toEqual([])
  expect(await batches.files('key_2', { limit: 9 })).toEqual([])
  await reached(id, 'completed')
})

test('a file that a batch still reads cannot be removed', async () => {
  fixture.room = 0
  await fixture.parts.processor.start(echo)
  const { id, inputFileId } = await fixture.parts.submit([request('a')])

  await expect(fixture.parts.batches.removeFile('key_1', inputFileId)).rejects.toThrow(id)
  fixture.room = 1
  await reached(id, 'completed')
  await fixture.parts.batches.removeFile('key_1', inputFileId)
  await expect(fixture.parts.batches.file('key_1', inputFileId)).rejects.toThrow('There is no file')
})
