import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { ChatRequest, ContentPart } from '../../kernel/chat.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import { startTestDouble, type TestDouble } from '../chat-completions/test-double.ts'
import { createOpenRouter } from '../openrouter/openrouter.ts'
import { createOpenAICompatible } from './openai-compatible.ts'
import { ownModel } from './own-model.ts'

/** Whatever a request says, calls go to the operator's host and path alone. */
const { signal } = new AbortController()

let upstream: TestDouble
/** Somebody else's server, which must never be called. */
let foreign: TestDouble
beforeAll(async () => {
  upstream = await startTestDouble()
  foreign = await startTestDouble()
})
beforeEach(() => {
  upstream.requests.length = 0
  foreign.requests.length = 0
})
afterAll(async () => {
  await Promise.all([upstream.close(), foreign.close()])
})

async function adapterFor(kind: string, model: string): Promise<ModelAdapter> {
  const options = { baseUrl: upstream.baseUrl, clock: systemClock, random: () => 0.5 }
  if (kind === 'OpenRouter') {
    // Any slug gets through to the call while the models list cannot be had.
    upstream.replyToModels((_request, response) => void response.socket?.resetAndDestroy())
    const openRouter = createOpenRouter({ ...options, apiKey: 'sk', simulated: false, attempts: 1 })
    onTestFinished(async () => {
      upstream.replyToModels(undefined)
      await openRouter.close()
    })
    return openRouter.adapter(model, signal)
  }
  const server = createOpenAICompatible({ ...options, name: 'north' })
  onTestFinished(() => server.close())
  return server.model({ ...ownModel, id: model }, model)
}

const asking = (content: string | ContentPart[]): ChatRequest => ({
  messages: [{ role: 'user', content }],
  sampling: {},
})

const hostOf = (double: TestDouble): string => new URL(double.baseUrl).host

const calls = (double: TestDouble): readonly string[] =>
  double.requests.map(({ path }) => path).filter((path) => !path.includes('/models'))

const slugs: readonly ((host: string) => string)[] = [
  (host) => `@${host}/x`,
  (host) => `vendor@${host}`,
  (host) => `http://${host}/api/v1#`,
  (host) => `vendor/model#@${host}`,
  (host) => `//${host}/model`,
  (host) => `../../..//${host}/`,
  (host) => `vendor/model?url=http://${host}`,
  (host) => `vendor/model\r\nHost: ${host}`,
  (host) => `vendor/model%0d%0aHost:%20${host}`,
]

test.each(
  ['OpenRouter', 'an OpenAI-compatible server'].flatMap((kind) =>
    slugs.map((slug) => [kind, slug('host'), slug] as const),
  ),
)('%s: the name %j stays a name', async (kind, _shown, slug) => {
  const name = slug(hostOf(foreign))
  const adapter = await adapterFor(kind, name)

  await adapter.answer(asking('Hello'), { signal })

  expect(calls(upstream)).toEqual(['/api/v1/chat/completions'])
  expect(upstream.requests.at(-1)?.body['model']).toBe(name)
  expect(upstream.requests.at(-1)?.headers.host).toBe(hostOf(upstream))
  expect(foreign.requests).toEqual([])
})

test.each(
  ['OpenRouter', 'an OpenAI-compatible server'].flatMap((kind) =>
    [301, 302, 303, 307, 308].map((status) => [kind, status] as const),
  ),
)('%s: a redirect with %i to another host is a failure', async (kind, status) => {
  const adapter = await adapterFor(kind, 'vendor/echo')
  const redirect = (_request: unknown, response: import('node:http').ServerResponse): void => {
    response.writeHead(status, { location: `${foreign.baseUrl}/chat/completions` }).end()
  }
  upstream.reply(redirect, redirect)
  const streamed = async (): Promise<void> => {
    for await (const event of adapter.stream(asking('Hello'), { signal })) expect(event).toBe(null)
  }

  await expect(adapter.answer(asking('Hello'), { signal })).rejects.toMatchObject({ status })
  await expect(streamed()).rejects.toMatchObject({ status })

  expect(foreign.requests).toEqual([])
})

test.each(['OpenRouter', 'an OpenAI-compatible server'])(
  '%s: addresses in content parts are passed on as text and never fetched',
  async (kind) => {
    const adapter = await adapterFor(kind, 'vendor/echo')
    const content: ContentPart[] = [
      { type: 'image_url', image_url: { url: `${foreign.baseUrl}/private.png` } },
      { type: 'image_url', image_url: { url: 'http://169.254.169.254/latest/meta-data/' } },
      { type: 'file', file: { file_data: `${foreign.baseUrl}/secret.pdf` } },
      { type: 'text', text: `See ${foreign.baseUrl}` },
    ]
    upstream.reply((_request, response) => {
      const choices = [{ message: { content: 'Seen' }, finish_reason: 'stop' }]
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ choices }))
    })

    await adapter.answer(asking(content), { signal })

    expect(upstream.requests.at(-1)?.body['messages']).toEqual([{ role: 'user', content }])
    expect(foreign.requests).toEqual([])
  },
)

test('fields of a request that name an address or a key change neither', async () => {
  const adapter = await adapterFor('an OpenAI-compatible server', 'vendor/echo')
  const extra = {
    base_url: foreign.baseUrl,
    api_base: foreign.baseUrl,
    api_key: 'sk-of-the-client',
    extra_headers: { host: hostOf(foreign) },
    model: `@${hostOf(foreign)}`,
    messages: [],
    stream: true,
  }

  const answer = await adapter.answer({ ...asking('Hello'), extra }, { signal })

  expect(answer.text).toContain('Hello')
  expect(upstream.requests.at(-1)?.headers).not.toHaveProperty('authorization')
  expect(upstream.requests.at(-1)?.body).toMatchObject({ model: 'vendor/echo', stream: false })
  expect(foreign.requests).toEqual([])
})
