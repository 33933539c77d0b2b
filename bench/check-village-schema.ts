import { parseArgs } from 'node:util'
import { startWireVillage } from '../test/wires/wire-village.ts'
import { createSchemaCheck } from './provider-schema.ts'

/**
 * Checks what the village answers below `/api/v1`, on every wire, against the provider's own OpenAPI
 * description: `node bench/check-village-schema.ts --schema openapi.yaml.gz`. Exits with 1 when
 * anything differs.
 */
const { values } = parseArgs({ options: { schema: { type: 'string' } } })
if (values.schema === undefined)
  throw new Error('Name the description: --schema FILE(.yaml or .yaml.gz)')

const check = createSchemaCheck(values.schema)
const village = await startWireVillage()
const base = `${village.url}/api/v1`
const headers = { authorization: `Bearer ${village.key}`, 'content-type': 'application/json' }

const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const messages = [{ role: 'user', content: 'hello' }]
const image = {
  role: 'user',
  content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
}
const chats: Readonly<Record<string, object>> = {
  text: { messages },
  tools: { messages, tools: [{ type: 'function', function: { name: 'f', parameters } }] },
  schema: { messages, response_format: { type: 'json_object' } },
  image: { messages: [image] },
  reasoning: { messages, reasoning: { effort: 'low' } },
  choices: { messages, n: 2, logprobs: true, top_logprobs: 1 },
}

try {
  await checkChats()
  await checkResponses()
  await checkMessages()
  await checkOthers()
  await checkErrors()
} finally {
  await village[Symbol.asyncDispose]()
}
check.finish()

async function checkChats(): Promise<void> {
  for (const [name, fields] of Object.entries(chats)) {
    const body = { model: 'village', ...fields }
    const whole = await post('/chat/completions', body)
    check.component(`chat with ${name}`, 'ChatResult', await whole.json())
    const streamed = { ...body, stream: true, stream_options: { include_usage: true } }
    for (const chunk of await streamOf('/chat/completions', streamed)) {
      check.component(`streamed chat with ${name}`, 'ChatStreamChunk', chunk)
    }
  }
  const broken = [{ role: 'user', content: 'please break' }]
  const body = { model: 'vendor/king', messages: broken, stream: true }
  for (const chunk of await streamOf('/chat/completions', body)) {
    check.component('streamed chat that breaks', 'ChatStreamChunk', chunk)
  }
}

async function checkResponses(): Promise<void> {
  const tools = [{ type: 'function', name: 'f', parameters, strict: null }]
  for (const [name, fields] of Object.entries({
    text: {},
    tools: { tools },
    reasoning: { reasoning: { effort: 'low' } },
    logprobs: { top_logprobs: 1 },
  })) {
    const body = { model: 'village', input: 'hello', ...fields }
    const whole = await post('/responses', body)
    check.component(`response with ${name}`, 'OpenResponsesResult', await whole.json())
    for (const event of await streamOf('/responses', { ...body, stream: true })) {
      check.component(`event of a response with ${name}`, 'StreamEvents', event)
    }
  }
}

async function checkMessages(): Promise<void> {
  for (const [name, fields] of Object.entries({
    text: {},
    tools: { tools: [{ name: 'f', input_schema: parameters }] },
    thinking: { thinking: { type: 'enabled', budget_tokens: 1024 } },
  })) {
    const body = { model: 'village', max_tokens: 2000, messages, ...fields }
    const whole = await post('/messages', body)
    check.component(`message with ${name}`, 'MessagesResult', await whole.json())
    for (const event of await streamOf('/messages', { ...body, stream: true })) {
      check.component(`event of a message with ${name}`, 'MessagesStreamEvents', event)
    }
  }
}

async function checkOthers(): Promise<void> {
  for (const query of ['', '?limit=3&offset=1', '?supported_parameters=tools']) {
    const models = await fetch(`${base}/models${query}`, { headers })
    check.component(`models${query}`, 'ModelsListResponse', await models.json())
  }
  const model = await fetch(`${base}/model/vendor/king`, { headers })
  check.component('model', 'ModelResponse', await model.json())
  const embedded = await post('/embeddings', { model: 'vendor/embed', input: ['a'] })
  check.answerOf('embeddings', 'embeddings', 'post', await embedded.json())
  const answered = (await (
    await post('/chat/completions', { model: 'village', messages })
  ).json()) as {
    id: string
  }
  const generation = await fetch(`${base}/generation?id=${answered.id}`, { headers })
  check.component('generation', 'GenerationResponse', await generation.json())
}

async function checkErrors(): Promise<void> {
  await checkError('400', 'BadRequestResponse', 400, '/chat/completions', { model: 'village' })
  await checkError('404', 'NotFoundResponse', 404, '/chat/completions', { model: 'a/b', messages })
  await checkError('429', 'TooManyRequestsResponse', 429, '/chat/completions', {
    model: 'vendor/limited',
    messages,
  })
  await checkError('400 of a message', 'AnthropicMessagesErrorResponse', 400, '/messages', {})
  const stranger = await fetch(`${base}/models`)
  check.component('401', 'UnauthorizedResponse', await stranger.json())
}

async function checkError(
  what: string,
  name: string,
  status: number,
  path: string,
  body: object,
): Promise<void> {
  const reply = await post(path, body)
  const value: unknown = await reply.json()
  if (reply.status === status) check.component(what, name, value)
  else check.fail(what, `status ${reply.status}, not ${status}`)
}

async function streamOf(path: string, body: object): Promise<readonly unknown[]> {
  const text = await (await post(path, body)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('data: {'))
  return lines.map((line): unknown => JSON.parse(line.slice('data: '.length)))
}

function post(path: string, body: object): Promise<Response> {
  return fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) })
}
