import { parseArgs } from 'node:util'
import { seededRandom } from '../src/kernel/random.ts'
import { demoFamilies } from '../src/simulation/families/demo-families.ts'
import { startSimulatedOpenRouter } from '../src/simulation/openrouter/simulated-openrouter.ts'
import { createSchemaCheck } from './provider-schema.ts'

/**
 * Checks what the simulated OpenRouter sends against the provider's own OpenAPI description:
 * `node bench/check-openrouter-schema.ts --schema openapi.yaml.gz`. Exits with 1 when anything differs.
 */
const { values } = parseArgs({ options: { schema: { type: 'string' } } })
if (values.schema === undefined)
  throw new Error('Name the description: --schema FILE(.yaml or .yaml.gz)')

const check = createSchemaCheck(values.schema)
const server = await startSimulatedOpenRouter({ seed: 1, latency: 'counted' })
const headers = { authorization: 'Bearer sk-or-management-check' }

try {
  await checkAnswers()
  await checkErrors()
  await checkLists()
} finally {
  await server.close()
}
check.finish()

async function checkAnswers(): Promise<void> {
  for (const family of demoFamilies) {
    const { messages } = family.make(seededRandom(1))
    const body = { model: 'openai/o1-mini-2024-09-12', messages }
    const whole = await post(body)
    check.component(`answer of ${family.name}`, 'ChatResult', JSON.parse(await whole.text()))
    await checkStream(`stream of ${family.name}`, { ...body, stream: true })
  }
  const messages = [{ role: 'user', content: 'hello' }]
  const body = { model: 'anthropic/claude-3.5-sonnet', messages }
  await orderFault('empty')
  check.component('empty answer', 'ChatResult', JSON.parse(await (await post(body)).text()))
  for (const fault of ['mid-stream-error', 'truncated-stream', 'empty']) {
    await orderFault(fault)
    await checkStream(`stream with ${fault}`, { ...body, stream: true })
  }
}

async function checkErrors(): Promise<void> {
  const messages = [{ role: 'user', content: 'hello' }]
  const model = 'anthropic/claude-3.5-sonnet'
  const withTools = { model: 'openai/o1-mini-2024-09-12', messages, tools: [{}] }
  await checkError('400 on an unknown model', 'BadRequestResponse', 400, { model: 'a/b', messages })
  await checkError('400 on no messages', 'BadRequestResponse', 400, { model })
  await checkError('404 on tools', 'NotFoundResponse', 404, withTools)
  const unauthorized = await fetch(`${server.url}/key`)
  check.component('401', 'UnauthorizedResponse', await unauthorized.json())
  const credits = await fetch(`${server.url}/credits`, {
    headers: { authorization: 'Bearer plain' },
  })
  check.component('403', 'ForbiddenResponse', await credits.json())
  await checkError('402', 'PaymentRequiredResponse', 402, { model, messages, max_tokens: 1e12 })
  const faults = [
    ['429', 'TooManyRequestsResponse'],
    ['500', 'InternalServerResponse'],
    ['502', 'BadGatewayResponse'],
    ['529', 'ProviderOverloadedResponse'],
  ] as const
  for (const [fault, name] of faults) {
    await orderFault(fault)
    await checkError(fault, name, Number(fault), { model, messages })
  }
}

async function checkLists(): Promise<void> {
  for (const query of ['', '?distillable=true', '?distillable=false']) {
    const models = await fetch(`${server.url}/models${query}`)
    check.component(`models${query}`, 'ModelsListResponse', await models.json())
  }
  const answered = await post({
    model: 'microsoft/phi-4',
    messages: [{ role: 'user', content: 'hello' }],
  })
  const id = answered.headers.get('x-generation-id') ?? ''
  await answered.text()
  const generation = await fetch(`${server.url}/generation?id=${id}`, { headers })
  check.component('generation', 'GenerationResponse', await generation.json())
  for (const path of ['key', 'credits']) {
    const reply = await fetch(`${server.url}/${path}`, { headers })
    check.answerOf(path, path, 'get', await reply.json())
  }
}

async function checkError(what: string, name: string, status: number, body: object): Promise<void> {
  const reply = await post(body)
  const value: unknown = await reply.json()
  if (reply.status !== status) check.fail(what, `status ${reply.status}, not ${status}`)
  else check.component(what, name, value)
}

async function checkStream(what: string, body: object): Promise<void> {
  const reply = await post(body)
  const lines = (await reply.text()).split('\n').filter((line) => line.startsWith('data: {'))
  for (const line of lines) check.component(what, 'ChatStreamChunk', JSON.parse(line.slice(6)))
}

function post(body: object): Promise<Response> {
  return fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
}

async function orderFault(fault: string): Promise<void> {
  await fetch(`${server.controlUrl}/faults`, { method: 'POST', body: JSON.stringify({ fault }) })
}
