import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  answeredWith,
  postJson,
  scriptedKey,
  scriptedService,
  startScriptedServer,
} from './scripted-village.ts'

const bodyLimitBytes = 20_000
let answered = 0
let server: Awaited<ReturnType<typeof startScriptedServer>>

beforeAll(async () => {
  const village = scriptedService()
  server = await startScriptedServer({
    bodyLimitBytes,
    service: {
      ...village,
      answer: async (input, options) => {
        answered += 1
        return input.requestedModel === 'village'
          ? answeredWith('fine')
          : village.answer(input, options)
      },
    },
  })
})
afterAll(() => server.close())

const hello = { model: 'village', messages: [{ role: 'user', content: 'Hello' }] }

async function errorOf(response: Response) {
  const body = (await response.json()) as {
    error: { message: string; type: string; param: string | null; code: string }
  }
  expect(Object.keys(body)).toEqual(['error'])
  expect(Object.keys(body.error)).toEqual(['message', 'type', 'param', 'code'])
  return { status: response.status, ...body.error }
}

test('says where a body stops being JSON', async () => {
  const response = await postJson(`${server.url}/v1/chat/completions`, '{\n  "model": village }')

  const error = await errorOf(response)
  expect(error).toMatchObject({
    status: 400,
    code: 'malformed_json',
    type: 'invalid_request_error',
  })
  expect(error.message).toContain('unexpected "v" at position 13 (line 2, column 12)')
})

test('tells an empty body from a broken one', async () => {
  const response = await postJson(`${server.url}/v1/chat/completions`, '')

  expect((await errorOf(response)).message).toContain('The body is empty')
})

test.each([
  ['no messages', { model: 'village' }, 'messages', 'expected array'],
  ['no model', { messages: hello.messages }, 'model', 'expected string'],
  ['an empty list of messages', { ...hello, messages: [] }, 'messages', '>=1'],
  [
    'an unknown role',
    { ...hello, messages: [{ role: 'wizard', content: 'x' }] },
    'messages[0].role',
    'expected one of "system"',
  ],
  [
    'a number as content',
    { ...hello, messages: [...hello.messages, { role: 'user', content: 5 }] },
    'messages[1].content',
    'expected a string, a list of content parts',
  ],
  [
    'no content in a user message',
    { ...hello, messages: [{ role: 'user' }] },
    'messages[0].content',
    'expected a string',
  ],
  [
    'a text part without text',
    { ...hello, messages: [{ role: 'user', content: [{ type: 'text' }] }] },
    'messages[0].content[0].text',
    'expected a string',
  ],
  [
    'a temperature that is text',
    { ...hello, temperature: 'hot' },
    'temperature',
    'expected number',
  ],
  ['no answers asked', { ...hello, n: 0 }, 'n', '>=1'],
  ['a list of no models', { ...hello, model: undefined, models: [] }, 'model', 'expected string'],
  ['a negative length', { ...hello, max_tokens: -1 }, 'max_tokens', '>=1'],
  [
    'an unknown field of our extension',
    { ...hello, village: { verfy: {} } },
    'village',
    'Unrecognized key: "verfy"',
  ],
  [
    'a check in an unknown language',
    { ...hello, village: { verify: { type: 'unit-tests', language: 'perl', tests: '1' } } },
    'village.verify.language',
    '',
  ],
])('names the field and what was expected: %s', async (_title, body, param, expected) => {
  const before = answered

  const response = await postJson(`${server.url}/v1/chat/completions`, body)

  const error = await errorOf(response)
  expect(error).toMatchObject({ status: 400, param, code: 'invalid_shape' })
  expect(error.message).toContain(param)
  expect(error.message).toContain(expected)
  expect(answered).toBe(before)
})

test('refuses a body that is no object', async () => {
  const response = await postJson(`${server.url}/v1/chat/completions`, '[1]')

  expect(await errorOf(response)).toMatchObject({ status: 400, param: null })
})

test('refuses values nested so deeply that they could not be written back', async () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`

  const response = await postJson(
    `${server.url}/v1/chat/completions`,
    `{"model":"village","messages":[{"role":"user","content":"x"}],"metadata":${deep}}`,
  )

  expect(await errorOf(response)).toMatchObject({ status: 400, param: 'metadata' })
})

test('answers an unknown model with 404 and close names', async () => {
  const response = await postJson(`${server.url}/v1/chat/completions`, { ...hello, model: 'kng' })

  const error = await errorOf(response)
  expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
  expect(error.message).toContain('village/king')
})

test.each([
  ['no key', {}],
  ['a wrong key', { authorization: 'Bearer vk-secret-guess' }],
  ['a key of another scheme', { authorization: `Basic ${scriptedKey}` }],
  ['the start of a right key', { 'x-api-key': scriptedKey.slice(0, -1) }],
])('refuses %s without repeating it', async (_title, headers) => {
  const response = await fetch(`${server.url}/v1/models`, { headers })

  const error = await errorOf(response)
  expect(error).toMatchObject({
    status: 401,
    code: 'invalid_api_key',
    type: 'authentication_error',
  })
  expect(response.headers.get('www-authenticate')).toBe('Bearer')
  expect(JSON.stringify(error)).not.toMatch(/vk-[s0-9]/)
})

test('asks for a key before it looks at the body', async () => {
  const response = await postJson(`${server.url}/v1/chat/completions`, '{', { headers: {} })

  expect(response.status).toBe(401)
})

test('takes the key in x-api-key too', async () => {
  const response = await fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': scriptedKey } })

  expect(response.status).toBe(200)
})

test.each([bodyLimitBytes + 1, 30_000_000])('refuses a body of %i bytes', async (bytes) => {
  const response = await postJson(`${server.url}/v1/chat/completions`, 'x'.repeat(bytes))

  const error = await errorOf(response)
  expect(error).toMatchObject({ status: 413, code: 'body_too_large' })
  expect(error.message).toContain('20000 bytes')
})

test.each(['application/x-www-form-urlencoded', 'text/plain', 'not a type'])(
  'asks for JSON instead of %s',
  async (contentType) => {
    const response = await postJson(`${server.url}/v1/chat/completions`, hello, {
      headers: { authorization: `Bearer ${scriptedKey}`, 'content-type': contentType },
    })

    expect(await errorOf(response)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  },
)

test('refuses a compressed body', async () => {
  const response = await postJson(`${server.url}/v1/chat/completions`, hello, {
    headers: {
      authorization: `Bearer ${scriptedKey}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    },
  })

  expect(await errorOf(response)).toMatchObject({ status: 415 })
})

test('answers an unknown route with 404, and names the method of a known one', async () => {
  const unknown = await fetch(`${server.url}/v1/nothing`)
  const wrongMethod = await fetch(`${server.url}/v1/chat/completions`)

  expect(await errorOf(unknown)).toMatchObject({ status: 404, code: 'route_not_found' })
  expect((await errorOf(wrongMethod)).message).toContain('Use POST /v1/chat/completions')
})

test('survives a path that is no URL', async () => {
  const response = await fetch(`${server.url}/v1/models/%ff%fe`, {
    headers: { 'x-api-key': scriptedKey },
  })

  expect((await errorOf(response)).status).toBe(400)
})

test.each([
  [{ rating: 'up' }, 'decision_id'],
  [{ decision_id: 'dec_1', rating: 'great' }, 'rating'],
  [{ decision_id: 'dec_1', rating: 1, correction: 4 }, 'correction'],
])('names the wrong field of a feedback: %j', async (body, param) => {
  const response = await postJson(`${server.url}/v1/feedback`, body)

  expect(await errorOf(response)).toMatchObject({ status: 400, param })
})
