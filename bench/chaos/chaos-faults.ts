import type { ServerResponse } from 'node:http'
import type { Random } from '../../src/kernel/random.ts'
import { pick } from '../../src/kernel/random.ts'

export type ChaosFault =
  | 'reset'
  | 'half-open'
  | 'truncated'
  | 'broken-stream'
  | '429'
  | '500'
  | 'bad-json'
  | 'error-in-200'

/** What a replica in trouble does in place of an answer. */
export const chaosFaults: readonly ChaosFault[] = [
  'reset',
  'half-open',
  'truncated',
  'broken-stream',
  '429',
  '500',
  'bad-json',
  'error-in-200',
]

/** The answer to a prompt: several tokens, with characters of up to four bytes. */
export function chaosAnswer(prompt: string): string {
  return `Grüße, ${prompt}! 世界 🏡 spoken in some words by whichever replica is well.`
}

/** Sends the answer; sliced into pieces of one to five bytes where that is wanted. */
export async function sendAnswer(
  response: ServerResponse,
  {
    text,
    streamed,
    sliced,
  }: { readonly text: string; readonly streamed: boolean; readonly sliced: boolean },
  random: Random,
): Promise<void> {
  const body = streamed ? streamOf(text) : JSON.stringify(wholeAnswer(text))
  response.writeHead(200, {
    'content-type': streamed ? 'text/event-stream' : 'application/json',
  })
  if (!sliced) {
    response.end(body)
    return
  }
  const bytes = Buffer.from(body)
  for (let from = 0; from < bytes.length;) {
    const to = from + 1 + Math.floor(random() * 64)
    response.write(bytes.subarray(from, to))
    from = to
    if (random() < 0.2) await nextTurn()
  }
  response.end()
}

/**
 * Does the fault in place of an answer. `onFirstWord` is called when a part of the answer has gone
 * out that a client may have seen.
 */
export function sendFault(
  response: ServerResponse,
  fault: ChaosFault,
  request: { readonly text: string; readonly streamed: boolean; readonly random: Random },
  onFirstWord: () => void,
): void {
  const { text, streamed, random } = request
  const json = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  switch (fault) {
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'half-open':
      // The request is taken, and then there is silence, at times after the head.
      if (streamed && random() < 0.5) {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': thinking\n\n')
      }
      return
    case 'truncated':
      truncate(
        response,
        streamed ? roleChunk() : JSON.stringify(wholeAnswer(text)).slice(0, 60),
        streamed,
      )
      return
    case 'broken-stream':
      if (!streamed) {
        json(502, '<html>Bad gateway</html>')
        return
      }
      onFirstWord()
      truncate(response, roleChunk() + chunk({ content: text.slice(0, 5) }), true)
      return
    case '429':
      json(429, { error: { message: 'Slow down' } }, random() < 0.5 ? { 'retry-after': '0.2' } : {})
      return
    case '500':
      json(pick([500, 502, 503, 529], random), { error: { message: 'out of memory' } })
      return
    case 'bad-json':
      if (streamed) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.end('data: {"choices": [{"delta"\n\ndata: [DONE]\n\n')
      } else json(200, '{"choices": [{"message": ')
      return
    case 'error-in-200':
      if (streamed) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.end('data: {"error": {"message": "no capacity", "code": "server_error"}}\n\n')
      } else json(200, { error: { message: 'no capacity', code: 503 } })
  }
}

/** Ends the connection before the body is whole, once what is there has gone out. */
function truncate(response: ServerResponse, start: string, streamed: boolean): void {
  response.writeHead(200, {
    'content-type': streamed ? 'text/event-stream' : 'application/json',
    ...(streamed ? {} : { 'content-length': '4096' }),
  })
  response.write(start, () => {
    setTimeout(() => response.destroy(), 5)
  })
}

function wholeAnswer(text: string): object {
  return {
    id: 'chatcmpl-chaos',
    object: 'chat.completion',
    model: 'chaos.gguf',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 20, total_tokens: 27 },
  }
}

function streamOf(text: string): string {
  const words = text.match(/.{1,7}/gsu) ?? []
  const usage = { choices: [], usage: { prompt_tokens: 7, completion_tokens: words.length } }
  return [
    ': keep-alive\n\n',
    roleChunk(),
    ...words.map((content) => chunk({ content })),
    chunk({}, 'stop'),
    `data: ${JSON.stringify(usage)}\n\n`,
    'data: [DONE]\n\n',
  ].join('')
}

const roleChunk = (): string => chunk({ role: 'assistant', content: '' })

function chunk(delta: object, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }]
  return `data: ${JSON.stringify({ id: 'chatcmpl-chaos', model: 'chaos.gguf', choices })}\n\n`
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
