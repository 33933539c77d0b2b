import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { PicoUsdPerToken } from '../kernel/money.ts'
import type { FeedbackInput } from '../village/village-service.ts'
import type { DecisionTrail } from './contract.ts'
import type { ServerOptions } from './server.ts'
import {
  postJson,
  scriptedKey,
  scriptedService,
  scriptedStatus,
  startScriptedServer,
} from './scripted-village.ts'

const headers = { authorization: `Bearer ${scriptedKey}` }

async function start(options: Partial<ServerOptions> = {}): Promise<string> {
  const server = await startScriptedServer(options)
  onTestFinished(() => server.close())
  return server.url
}

test('says that it lives without a key', async () => {
  const url = await start()

  const response = await fetch(`${url}/healthz`)

  expect(await response.json()).toEqual({ status: 'ok' })
})

test('lists models with prices and the right to train, and finds one by a name with slashes', async () => {
  const url = await start({
    service: scriptedService({
      models: async () => [
        { id: 'village', agent: null, description: null },
        {
          id: 'maker/model',
          agent: null,
          description: {
            id: 'maker/model',
            kind: 'frontier',
            contextLength: 1000,
            price: { prompt: 1_250_000 as PicoUsdPerToken, completion: 0 as PicoUsdPerToken },
            distillable: 'no',
            supportedParameters: ['tools'],
            inputModalities: ['text'],
            createdAtMs: 5000,
            simulated: true,
          },
        },
      ],
    }),
  })

  const list = (await (await fetch(`${url}/v1/models`, { headers })).json()) as { data: object[] }
  const one: unknown = await (await fetch(`${url}/v1/models/maker/model`, { headers })).json()
  const none = await fetch(`${url}/v1/models/maker/other`, { headers })

  expect(list).toMatchObject({
    object: 'list',
    data: [{ id: 'village', owned_by: 'village' }, one],
  })
  expect(one).toEqual({
    id: 'maker/model',
    object: 'model',
    created: 5,
    owned_by: 'maker',
    canonical_slug: 'maker/model',
    name: 'maker/model',
    context_length: 1000,
    pricing: { prompt: '0.00000125', completion: '0' },
    architecture: {
      modality: 'text->text',
      input_modalities: ['text'],
      output_modalities: ['text'],
    },
    top_provider: { context_length: 1000, max_completion_tokens: null, is_moderated: false },
    supported_parameters: ['tools'],
    default_parameters: null,
    per_request_limits: null,
    supported_voices: null,
    links: { details: '/v1/models/maker/model' },
    distillable: 'no',
    village: { agent: null, simulated: true },
  })
  expect(none.status).toBe(404)
})

test.each([
  ['up', 1],
  ['down', -1],
  [1, 1],
  [-1, -1],
])('records the rating %s as %i', async (rating, recorded) => {
  const inputs: FeedbackInput[] = []
  const village = scriptedService()
  const url = await start({
    service: {
      ...village,
      recordFeedback: (input) => {
        inputs.push(input)
        return village.recordFeedback(input)
      },
    },
  })

  const response = await postJson(`${url}/v1/feedback`, {
    decision_id: 'dec_1',
    rating,
    correction: 'better',
  })

  expect(inputs).toEqual([{ decisionId: 'dec_1', rating: recorded, correction: 'better' }])
  expect(await response.json()).toMatchObject({ id: 'fb_1', rating: recorded })
})

test('shows the status, and a decision with all that led to it', async () => {
  const trail = { taskId: 'task_1' } as DecisionTrail
  const url = await start({
    trails: { find: async (id) => (id === 'dec_1' ? trail : null) },
  })

  const status = await fetch(`${url}/village/status`, { headers })
  const found = await fetch(`${url}/village/decisions/dec_1`, { headers })
  const missing = await fetch(`${url}/village/decisions/dec_2`, { headers })

  expect(await status.json()).toEqual(scriptedStatus)
  expect(await found.json()).toEqual(trail)
  expect(missing.status).toBe(404)
  expect(await missing.json()).toMatchObject({ error: { code: 'decision_not_found' } })
})

test.each([
  '/v1/models',
  '/v1/models/x',
  '/village/status',
  '/village/decisions/x',
  '/village/events',
])('keeps %s behind the key', async (route) => {
  const url = await start()

  const response = await fetch(url + route)

  expect(response.status).toBe(401)
})

test('serves the files of the dashboard without a key, and no others', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'village-dashboard-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(path.join(folder, 'public'))
  await writeFile(path.join(folder, 'secret.txt'), 'secret')
  await writeFile(path.join(folder, 'public', '.env'), 'secret')
  await writeFile(path.join(folder, 'public', 'index.html'), '<h1>Village</h1>')
  const url = await start({ dashboardFolder: path.join(folder, 'public') })

  const page = await fetch(url)
  const others = await Promise.all(
    ['/.env', '/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '//secret.txt'].map(
      (target) => rawGet(url, target),
    ),
  )

  expect(await page.text()).toBe('<h1>Village</h1>')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
  for (const { status, body } of others) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(JSON.parse(body)).toHaveProperty('error.message')
  }
})

/** `fetch` would tidy the path before it sends it. */
function rawGet(url: string, target: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const sent = request({ hostname, port, path: target }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}
