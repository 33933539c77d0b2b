import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Record<string, unknown>

export type FrontierDouble = {
  readonly baseUrl: string
  /** The bodies of the calls so far, the newest last. */
  readonly bodies: Json[]
  /** Resolves when the answer under way was broken off by who asked for it. */
  abandoned(): Promise<void>
  close(): Promise<void>
}

const usage = {
  prompt_tokens: 20,
  completion_tokens: 8,
  total_tokens: 28,
  cost: 0.000_5,
  cost_details: {
    upstream_inference_cost: null,
    upstream_inference_prompt_cost: 0.000_3,
    upstream_inference_completions_cost: 0.000_2,
  },
  is_byok: false,
  prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 2, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 3 },
}

/** A provider on loopback that answers by what it is asked: calls tools, fills schemas, sees images. */
export async function startFrontierDouble(): Promise<FrontierDouble> {
  const bodies: Json[] = []
  const tries = new Map<string, number>()
  let noteAbandoned: () => void = () => undefined
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    request.setEncoding('utf8')
    for await (const chunk of request) text += chunk as string
    const path = request.url ?? ''
    if (path.startsWith('/api/v1/models')) {
      sendJson(response, 200, { data: [...models, autoRouter] })
      return
    }
    const body = JSON.parse(text) as Json
    bodies.push(body)
    const asked = JSON.stringify([body['messages'], body['stream'] === true])
    tries.set(asked, (tries.get(asked) ?? 0) + 1)
    response.on('close', () => {
      if (!response.writableFinished) noteAbandoned()
    })
    if (path === '/api/v1/embeddings') sendJson(response, 200, embeddingsOf(body))
    else answerChat(body, response, tries.get(asked) ?? 1)
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/api/v1`,
    bodies,
    abandoned: () => new Promise((resolve) => (noteAbandoned = resolve)),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** `attempt` counts the calls with the same messages, from 1. */
function answerChat(body: Json, response: ServerResponse, attempt: number): void {
  const model = String(body['model'])
  const last = textOf((body['messages'] as Json[]).at(-1)?.['content'])
  const failure = failureOf(last.includes(`refuse ${model}`) ? 'vendor/refuses' : model, attempt)
  if (failure !== null) {
    sendJson(response, failure.status, { error: failure.error }, failure.headers)
    return
  }
  const choices = Array.from({ length: Number(body['n'] ?? 1) }, (_, index) =>
    choiceOf(body, index),
  )
  if (body['stream'] === true) streamChoices(body, choices, response)
  else sendJson(response, 200, { ...head(body), choices, usage })
}

/** As often as the village itself tries. */
const flakyFailures = 2

function failureOf(model: string, attempt: number) {
  switch (model) {
    case 'vendor/flaky':
      return attempt > flakyFailures
        ? null
        : { status: 503, error: { code: 503, message: 'Overloaded' } }
    case 'vendor/refuses':
      return { status: 400, error: { code: 400, message: 'This model takes no such thing' } }
    case 'vendor/limited':
      return {
        status: 429,
        error: { code: 429, message: 'Slow down' },
        headers: { 'retry-after': '3600' },
      }
    default:
      return null
  }
}

type Message = Json & { content: string | null; tool_calls?: Json[]; reasoning?: string }

function choiceOf(body: Json, index: number) {
  const message = messageOf(body)
  const logprobs =
    body['logprobs'] === true ? { content: tokensOf(message.content ?? ''), refusal: null } : null
  return {
    index,
    message: { role: 'assistant', refusal: null, ...message },
    logprobs,
    finish_reason: message.tool_calls === undefined ? 'stop' : 'tool_calls',
    native_finish_reason: 'end_turn',
  }
}

function messageOf(body: Json): Message {
  const messages = body['messages'] as Json[]
  const last = messages.at(-1)
  if (last?.['role'] === 'tool') return { content: `The tool says: ${textOf(last['content'])}` }
  if (Array.isArray(body['tools']) && body['tool_choice'] !== 'none') {
    return { content: null, tool_calls: ['Oslo', 'Rome'].map(toolCall) }
  }
  if (body['response_format'] !== undefined) {
    return { content: JSON.stringify({ city: 'Oslo', celsius: 21 }) }
  }
  const content = last?.['content']
  const image = Array.isArray(content)
    ? (content as Json[]).find((part) => part['type'] === 'image_url')
    : undefined
  if (image !== undefined) {
    const { url } = image['image_url'] as { url: string }
    return { content: `I see ${url.slice(0, 22)}` }
  }
  const text = `You said: ${textOf(content)}`
  if (body['reasoning'] === undefined) return { content: text }
  const details = { type: 'reasoning.text', text: 'Let me think.', signature: 'sig-1', index: 0 }
  return { content: text, reasoning: 'Let me think.', reasoning_details: [details] }
}

function toolCall(city: string, index: number): Json {
  return {
    index,
    id: `call_${index}`,
    type: 'function',
    function: { name: 'get_weather', arguments: JSON.stringify({ city }) },
  }
}

function tokensOf(text: string): Json[] {
  return (text.match(/\S+\s*/g) ?? []).map((token) => ({
    token,
    logprob: -0.5,
    bytes: [...Buffer.from(token)],
    top_logprobs: [{ token, logprob: -0.5, bytes: [...Buffer.from(token)] }],
  }))
}

type Choice = ReturnType<typeof choiceOf>

function streamChoices(body: Json, choices: readonly Choice[], response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (fields: Json): void => {
    response.write(`data: ${JSON.stringify({ ...head(body), ...fields })}\n\n`)
  }
  response.write(': OPENROUTER PROCESSING\n\n')
  const asked = textOf((body['messages'] as Json[]).at(-1)?.['content'])
  for (const choice of choices) {
    for (const { delta, logprobs } of deltasOf(choice)) {
      send({ choices: [{ index: choice.index, delta, logprobs, finish_reason: null }] })
      if (delta['content'] === '') continue
      if (asked.includes('hang')) return
      if (asked.includes('break')) {
        const error = { code: 502, message: 'Provider disconnected' }
        send({ error, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] })
        response.end()
        return
      }
    }
    const { index, finish_reason, native_finish_reason } = choice
    send({ choices: [{ index, delta: {}, finish_reason, native_finish_reason }] })
  }
  send({ choices: [], usage })
  response.end('data: [DONE]\n\n')
}

function deltasOf({ message, logprobs }: Choice): { delta: Json; logprobs: Json | null }[] {
  const plain = (delta: Json): { delta: Json; logprobs: Json | null } => ({ delta, logprobs: null })
  const deltas = [plain({ role: 'assistant', content: '' })]
  if (message.reasoning !== undefined) {
    const { reasoning } = message
    const text = { type: 'reasoning.text', text: reasoning, index: 0 }
    deltas.push(plain({ reasoning, reasoning_details: [text] }))
    const signed = { type: 'reasoning.text', signature: 'sig-1', index: 0 }
    deltas.push(plain({ reasoning_details: [signed] }))
  }
  for (const token of tokensOf(message.content ?? '')) {
    deltas.push({
      delta: { content: token['token'] },
      logprobs: logprobs === null ? null : { content: [token], refusal: null },
    })
  }
  for (const call of message.tool_calls ?? []) {
    const { name, arguments: text } = call['function'] as { name: string; arguments: string }
    deltas.push(plain({ tool_calls: [{ ...call, function: { name, arguments: '' } }] }))
    for (const piece of text.match(/.{1,5}/gs) ?? []) {
      const { index } = call
      deltas.push(plain({ tool_calls: [{ index, function: { arguments: piece } }] }))
    }
  }
  return deltas
}

function head(body: Json): Json {
  return {
    id: 'gen-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    // The auto router says which model it chose.
    model: body['model'] === autoRouter.id ? 'vendor/sage' : body['model'],
    provider: 'Double',
    system_fingerprint: 'fp_double',
  }
}

function embeddingsOf(body: Json): Json {
  const inputs = Array.isArray(body['input']) ? (body['input'] as unknown[]) : [body['input']]
  const vectors = inputs.map((input) => [String(input).length, 0.5, -0.25])
  return {
    object: 'list',
    model: body['model'],
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding:
        body['encoding_format'] === 'base64'
          ? Buffer.from(new Float32Array(vector).buffer).toString('base64')
          : vector,
    })),
    usage: { prompt_tokens: 4, total_tokens: 4, cost: 0.000_01 },
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return (content as Json[]).map(({ text }) => (typeof text === 'string' ? text : '')).join('')
}

const models = ['king', 'sage', 'magi', 'refuses', 'limited', 'flaky', 'tuned'].map((name) => ({
  id: `vendor/${name}`,
  name: `Vendor: ${name}`,
  created: 1_700_000_000,
  context_length: 128_000,
  architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
  pricing: { prompt: '0.000001', completion: '0.000002' },
  top_provider: { max_completion_tokens: 4096, is_moderated: false },
  supported_parameters: ['tools', 'temperature', 'top_k'],
  default_parameters: name === 'tuned' ? { temperature: 0.3, top_k: 20, top_p: 0.9 } : null,
}))
const autoRouter = {
  id: 'openrouter/auto',
  name: 'Auto Router',
  pricing: { prompt: '-1', completion: '-1' },
  context_length: 2_000_000,
  architecture: { input_modalities: ['text'], output_modalities: ['text'] },
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
