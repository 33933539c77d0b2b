import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ApiKey } from '../src/kernel/api-key.ts'
import type { PicoUsdPerToken } from '../src/kernel/money.ts'
import { ask, centCost, dollars } from './keyed-village.ts'
import { temporaryFolder } from './scripted-village.ts'
import { serveTestVillage } from './serving-village.ts'
import type { ServedTestVillage } from './serving-village.ts'

/** What keys may and may spend holds for kept answers and for the lines of batches, too. */
let folder: ReturnType<typeof temporaryFolder>
let village: ServedTestVillage

beforeAll(async () => {
  folder = temporaryFolder()
  const perToken = 5_000_000 as PicoUsdPerToken
  village = await serveTestVillage({
    folder: folder.path,
    seed: 1,
    price: { prompt: perToken, completion: perToken },
    cost: centCost,
    frontier: () => 'An answer',
  })
})

afterAll(async () => {
  await village.close()
  folder.remove()
})

const issue = (wishes: Partial<ApiKey> = {}) =>
  village.ring.issue({ name: 'test', role: 'member', ...wishes }, 'owner')

const send = (key: string, path: string, init: RequestInit = {}) =>
  fetch(`${village.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
  })

const post = (key: string, path: string, body: object, headers: Record<string, string> = {}) =>
  send(key, path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

const cached = { 'x-openrouter-cache': 'true' }

test('a key without money still gets what it was answered before, and nothing new', async () => {
  const { key } = await issue({ budgets: dollars(0.0105) })

  const first = await post(key, '/v1/chat/completions', ask(), cached)
  const again = await post(key, '/v1/chat/completions', ask(), cached)
  const other = await post(key, '/v1/chat/completions', ask({ temperature: 0.5 }), cached)

  expect([first.status, again.status, other.status]).toEqual([200, 200, 402])
  expect(await again.json()).toMatchObject({ usage: { cost: 0 }, village: { cache: 'hit' } })
})

test('a kept answer of a model that the key may not use any more is not given', async () => {
  const { key, record } = await issue()
  const first = await post(key, '/v1/chat/completions', ask(), cached)

  await village.store.keys.save({ ...record, allowedModels: ['vendor/sage'] })
  const { key: newKey } = await village.ring.rotate(record.id, 'owner')
  const again = await post(newKey, '/v1/chat/completions', ask(), cached)

  expect([first.status, again.status]).toEqual([200, 403])
  expect(await again.json()).toMatchObject({ error: { code: 'model_not_allowed' } })
})

test('the lines of a batch are paid by its key, which spends no more than it has', async () => {
  const { key, record } = await issue({ budgets: dollars(0.0305) })

  const lines = await linesOfBatch(key, 6)

  expect(lines.map(({ response }) => response.status_code).toSorted((a, b) => a - b)).toEqual([
    200, 200, 200, 402, 402, 402,
  ])
  const stored = await village.store.keys.get(record.id)
  expect(village.spending.ofKey(stored as ApiKey).spent.total).toBe(3 * centCost)
})

test('a line asks for a model that its key may not use in vain', async () => {
  const { key } = await issue({ allowedModels: ['vendor/sage'] })

  const [line] = await linesOfBatch(key, 1)

  expect(line?.response).toMatchObject({
    status_code: 403,
    body: { error: { code: 'model_not_allowed' } },
  })
})

type Line = { response: { status_code: number; body: object } }

/** All lines of a batch that has ended, from both of its files. */
async function linesOfBatch(key: string, count: number): Promise<readonly Line[]> {
  const { id } = await startBatch(key, await upload(key, count))
  const batch = await vi.waitFor(
    async () => {
      const found = (await (await send(key, `/v1/batches/${id}`)).json()) as Record<string, string>
      expect(found['status']).toBe('completed')
      return found
    },
    { timeout: 20_000, interval: 20 },
  )
  const files = [batch['output_file_id'], batch['error_file_id']].filter((each) => each !== null)
  const texts = await Promise.all(
    files.map(async (file) => (await send(key, `/v1/files/${file}/content`)).text()),
  )
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as Line)
}

async function upload(key: string, count: number): Promise<string> {
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      custom_id: `line-${index}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: ask(),
    }),
  )
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new File([lines.join('\n')], 'requests.jsonl'))
  const response = await send(key, '/v1/files', { method: 'POST', body: form })
  return ((await response.json()) as { id: string }).id
}

async function startBatch(key: string, fileId: string): Promise<{ readonly id: string }> {
  const wanted = {
    input_file_id: fileId,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  }
  return (await (await post(key, '/v1/batches', wanted)).json()) as { id: string }
}
