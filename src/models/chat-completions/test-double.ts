import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

type RecordedRequest = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
  /** Resolves when the client has ended the connection before the reply was whole. */
  readonly abandoned: Promise<void>
}

export type Handler = (request: RecordedRequest, response: ServerResponse) => void

export type TestDouble = {
  readonly baseUrl: string
  readonly requests: RecordedRequest[]
  /** Answers the next calls of chat completions, one handler each; then it echoes again. */
  reply(...handlers: readonly Handler[]): void
  /** Answers every call for the models list from now on. */
  replyToModels(handler: Handler | undefined): void
  close(): Promise<void>
}

/** A small server for the tests of the adapter: echoes, or does what the test says. */
export async function startTestDouble(): Promise<TestDouble> {
  const requests: RecordedRequest[] = []
  const handlers: Handler[] = []
  let modelsHandler: Handler | undefined
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    incoming.setEncoding('utf8')
    for await (const chunk of incoming) text += chunk as string
    const request: RecordedRequest = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      abandoned: new Promise((resolve) => {
        response.on('close', () => {
          if (!response.writableFinished) resolve()
        })
      }),
    }
    requests.push(request)
    if (request.path.startsWith('/api/v1/models')) (modelsHandler ?? listModels)(request, response)
    else (handlers.shift() ?? echo)(request, response)
  }
  const server = createServer((incoming, response) => void serve(incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/api/v1`,
    requests,
    reply: (...next) => handlers.push(...next),
    replyToModels: (handler) => {
      modelsHandler = handler
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

/** Sends the data of server-sent events; strings starting with ":" or "raw " go out as they are. */
export function events(...data: readonly (string | object)[]): Handler {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const each of data) response.write(eventText(each))
    response.end()
  }
}

/** The same, and then the connection breaks. */
export function brokenEvents(...data: readonly (string | object)[]): Handler {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const each of data) response.write(eventText(each))
    setImmediate(() => response.destroy())
  }
}

/** Begins an answer and never ends it. */
export const hang: Handler = (request, response) => {
  if (request.body['stream'] !== true) return
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(eventText(delta('Once')))
}

export const resetConnection: Handler = (_request, response) => {
  response.socket?.resetAndDestroy()
}

export function delta(content: string, finishReason: string | null = null): object {
  return {
    id: 'gen-1',
    model: 'vendor/echo',
    choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: finishReason }],
  }
}

export const usageChunk = {
  id: 'gen-1',
  model: 'vendor/echo',
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 2, cost: 0.000_012 },
}

function eventText(data: string | object): string {
  if (typeof data === 'object') return `data: ${JSON.stringify(data)}\n\n`
  return data.startsWith(':') ? `${data}\n\n` : `data: ${data}\n\n`
}

const listModels: Handler = (request, response) => {
  const distillable = request.path.includes('distillable=true')
  const data = modelItems.filter(({ id }) => !distillable || id === 'vendor/echo')
  json(200, { data })(request, response)
}

const modelItems = [
  modelItem('vendor/echo', '0.0000005', '0.0000015'),
  modelItem('vendor/echo-large', '0.000003', '0.000015'),
  modelItem('other/thinker', '0.00000125', '0.00001'),
  modelItem('other/free:free', '0', '0'),
  modelItem('openrouter/auto', '-1', '-1'),
  { id: 'broken/entry' },
]

function modelItem(id: string, prompt: string, completion: string) {
  return {
    id,
    name: id,
    created: 1_700_000_000,
    context_length: 128_000,
    architecture: { input_modalities: ['text', 'image'], tokenizer: 'Other' },
    pricing: { prompt, completion, request: '0' },
    top_provider: { max_completion_tokens: 16_384 },
    supported_parameters: ['temperature', 'stop'],
  }
}

/** Repeats the prompt in tokens of four characters; keeps the limit of tokens and the stop sequences. */
const echo: Handler = (request, response) => {
  const messages = request.body['messages'] as { content: string }[]
  const prompt = messages.at(-1)?.content ?? ''
  let text = `You said: ${prompt} (${prompt.length} characters)`
  const stops = (request.body['stop'] ?? []) as string[]
  for (const stop of stops) text = text.split(stop)[0] ?? ''
  const tokens = text.match(/.{1,4}/gsu) ?? []
  const limit = (request.body['max_tokens'] ?? Infinity) as number
  const kept = tokens.slice(0, limit)
  const finishReason = kept.length < tokens.length ? 'length' : 'stop'
  const usage = {
    prompt_tokens: Math.ceil(prompt.length / 4),
    completion_tokens: kept.length,
    cost: 0.000_001,
  }
  if (request.body['stream'] === true) {
    events(
      ': OPENROUTER PROCESSING',
      ...kept.map((token) => delta(token)),
      delta('', finishReason),
      { ...usageChunk, usage },
      '[DONE]',
    )(request, response)
    return
  }
  const message = { role: 'assistant', content: kept.join(''), refusal: null }
  json(200, {
    id: 'gen-1',
    model: request.body['model'],
    choices: [{ index: 0, message, finish_reason: finishReason }],
    usage,
  })(request, response)
}
