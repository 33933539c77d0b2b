import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { lastUserText } from '../src/kernel/chat.ts'
import { ModelCallError } from '../src/kernel/errors.ts'
import { temporaryFolder } from './scripted-village.ts'
import { serveTestVillage } from './serving-village.ts'
import type { ServedTestVillage } from './serving-village.ts'

let folder: ReturnType<typeof temporaryFolder>
let village: ServedTestVillage
let client: OpenAI
let stranger: OpenAI

beforeAll(async () => {
  folder = temporaryFolder()
  village = await serveTestVillage({
    folder: folder.path,
    seed: 1,
    settings: { batches: { maxFileBytes: 100_000 } },
    frontier: (request) => {
      const text = lastUserText(request.messages)
      if (text === 'fail') {
        throw new ModelCallError('refused', { model: 'vendor/king', status: 400 })
      }
      return `You said ${text}`
    },
  })
  const clientWith = (apiKey: string): OpenAI =>
    new OpenAI({ apiKey, baseURL: `${village.url}/v1`, maxRetries: 0 })
  client = clientWith(village.firstKey)
  stranger = clientWith(village.secondKey)
})

afterAll(async () => {
  await village.close()
  folder.remove()
})

function line(customId: string, text: string, more: object = {}): object {
  const messages = [{ role: 'user', content: text }]
  return {
    custom_id: customId,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'vendor/king', messages, ...more },
  }
}

async function submit(lines: readonly object[]): Promise<OpenAI.Batch> {
  const text = lines.map((one) => JSON.stringify(one)).join('\n')
  const input = await client.files.create({
    file: await toFile(Buffer.from(text), 'requests.jsonl'),
    purpose: 'batch',
  })
  return client.batches.create({
    input_file_id: input.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { customer: 'Ä' },
  })
}

function ended({ id }: OpenAI.Batch): Promise<OpenAI.Batch> {
  return vi.waitFor(
    async () => {
      const batch = await client.batches.retrieve(id)
      expect(['completed', 'failed', 'cancelled']).toContain(batch.status)
      return batch
    },
    { timeout: 20_000, interval: 20 },
  )
}

type Line = {
  custom_id: string
  response: { status_code: number; body: OpenAI.ChatCompletion & { error?: { message: string } } }
}

async function contentOf(id: string | null | undefined): Promise<Line[]> {
  const text = await (await client.files.content(id ?? '')).text()
  return text
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one) as Line)
}

test("OpenAI's client uploads a file, runs a batch and reads answers and errors", async () => {
  const batch = await ended(
    await submit([
      line('one', 'hello'),
      line('two', 'fail'),
      line('three', 'x', { temperature: 99 }),
      line('four', 'y', { stream: true }),
      line('five', 'bye', { model: 'village/king' }),
    ]),
  )

  const output = await contentOf(batch.output_file_id)
  const errors = await contentOf(batch.error_file_id)
  expect(batch).toMatchObject({
    object: 'batch',
    status: 'completed',
    request_counts: { total: 5, completed: 2, failed: 3 },
    metadata: { customer: 'Ä' },
    errors: null,
  })
  expect(
    output.map(({ custom_id, response }) => [
      custom_id,
      response.status_code,
      response.body.choices[0]?.message.content,
    ]),
  ).toEqual([
    ['one', 200, 'You said hello'],
    ['five', 200, 'You said bye'],
  ])
  expect(errors.map(({ custom_id, response }) => [custom_id, response.status_code])).toEqual([
    ['two', 400],
    ['three', 400],
    ['four', 400],
  ])
  expect(errors[1]?.response.body.error?.message).toContain('temperature')
  expect(village.errors).toEqual([])
})

test('every answer of a batch is in the ledger with its decision', async () => {
  const batch = await ended(await submit([line('one', 'to be followed')]))

  const [answer] = await contentOf(batch.output_file_id)
  const id = /"decision_id":"(\w+)"/.exec(JSON.stringify(answer))?.[1] ?? ''
  expect(await village.store.ledger.get('decision', id)).toMatchObject({
    model: 'vendor/king',
  })
})

test('a file with mistakes fails the batch and says where', async () => {
  const batch = await ended(await submit([line('one', 'a'), line('one', 'b')]))

  expect(batch).toMatchObject({
    status: 'failed',
    errors: { data: [{ code: 'duplicate_custom_id', line: 2, param: 'custom_id' }] },
  })
})

test('another key sees none of it', async () => {
  const batch = await ended(await submit([line('one', 'secret')]))
  const fileId = batch.output_file_id ?? ''

  for (const attempt of [
    () => stranger.batches.retrieve(batch.id),
    () => stranger.batches.cancel(batch.id),
    () => stranger.files.retrieve(fileId),
    () => stranger.files.content(fileId),
    () => stranger.files.delete(batch.input_file_id),
    () =>
      stranger.batches.create({
        input_file_id: batch.input_file_id,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      }),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ status: 404 })
  }
  expect((await stranger.files.list()).data).toEqual([])
  expect((await stranger.batches.list()).data).toEqual([])
})

test('lists are newest first and in pages, and a deleted file is gone', async () => {
  const batches = [await submit([line('a', 'a')]), await submit([line('b', 'b')])]
  await Promise.all(batches.map(ended))

  const listed: string[] = []
  for await (const { id } of client.batches.list({ limit: 1 })) listed.push(id)
  const inputFileId = batches[0]?.input_file_id ?? ''
  const deleted = await client.files.delete(inputFileId)

  expect(listed.slice(0, 2)).toEqual(batches.map(({ id }) => id).toReversed())
  expect(new Set(listed).size).toBe(listed.length)
  expect(deleted).toEqual({ id: inputFileId, object: 'file', deleted: true })
  await expect(client.files.retrieve(inputFileId)).rejects.toMatchObject({ status: 404 })
})

test.each<[string, Record<string, string>, string | FormData, number]>([
  ['no form', { 'content-type': 'application/json' }, '{}', 400],
  ['a form without its boundary', { 'content-type': 'multipart/form-data' }, 'x', 400],
  [
    'a form that ends too early',
    { 'content-type': 'multipart/form-data; boundary=b' },
    '--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nhalf',
    400,
  ],
  ['a form without a file', {}, formOf({ purpose: 'batch' }), 400],
  ['a file sent as text', {}, formOf({ purpose: 'batch', file: '{}' }), 400],
  ['another purpose', {}, formOf({ purpose: 'fine-tune', file: new File(['{}'], 'f') }), 400],
  ['a file that is too large', {}, formOf({ file: new File(['x'.repeat(200_000)], 'f') }), 413],
])('refuses %s with a clear error', async (_, headers, body, status) => {
  const response = await fetch(`${village.url}/v1/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${village.firstKey}`, ...headers },
    body,
  })

  const { error } = (await response.json()) as { error: { message: string } }
  expect([response.status, error.message.length > 20]).toEqual([status, true])
  expect(status !== 413 || error.message.includes('165536 bytes')).toBe(true)
})

test.each([
  [{ input_file_id: 'file_unknown', endpoint: '/v1/chat/completions', completion_window: '24h' }],
  [
    {
      input_file_id: '../../owner-key',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    },
  ],
  [{ input_file_id: 'x', endpoint: '/village/status', completion_window: '24h' }],
  [{ input_file_id: 'x', endpoint: '/v1/chat/completions', completion_window: '1h' }],
  [{}],
])('refuses the batch %o', async (body) => {
  const creating = client.batches.create(body as OpenAI.BatchCreateParams)

  await expect(creating).rejects.toMatchObject({ type: 'invalid_request_error' })
})

test('a route that takes JSON takes no form', async () => {
  const response = await fetch(`${village.url}/v1/batches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${village.firstKey}` },
    body: formOf({ purpose: 'batch' }),
  })

  expect(response.status).toBe(415)
})

function formOf(fields: Readonly<Record<string, string | File>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}
