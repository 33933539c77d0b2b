import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * An upstream that streams: `CHUNKS` pieces of text, one every `PAUSE_MS`, the first at once, then
 * the usage and the end. All streams share one timer per pause, so that the double costs little.
 */
const [chunks = '20', pauseMs = '500'] = process.argv.slice(2)
const pieces = Number(chunks)

const head = '"id":"gen-1760000000-bench","object":"chat.completion.chunk","model":"bench/fixed"'
const piece = `data: {${head},"choices":[{"index":0,"delta":{"content":"Billing, urgent. "},"finish_reason":null}]}\n\n`
const end =
  `data: {${head},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n` +
  `data: {${head},"choices":[],"usage":{"prompt_tokens":61,"completion_tokens":48,"cost":0.0000312}}\n\n` +
  'data: [DONE]\n\n'
const models = JSON.stringify({
  data: [
    {
      id: 'bench/fixed',
      name: 'Bench: Fixed',
      context_length: 128_000,
      pricing: { prompt: '0.0000002', completion: '0.0000004' },
    },
  ],
})

type Open = { readonly response: ServerResponse; sent: number }
/** In as many groups as there are steps in a pause, so that the chunks are spread over it. */
const steps = 50
const groups: Set<Open>[] = Array.from({ length: steps }, () => new Set())
let step = 0
setInterval(
  () => {
    step = (step + 1) % steps
    const group = groups[step] as Set<Open>
    for (const open of group) {
      open.sent += 1
      open.response.write(piece)
      if (open.sent < pieces) continue
      open.response.end(end)
      group.delete(open)
    }
  },
  Math.max(1, Number(pauseMs) / steps),
)

const server = createServer((request, response) => {
  request.resume()
  request.once('end', () => {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(models)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const open = { response, sent: 1 }
    response.write(piece)
    if (pieces <= 1) {
      response.end(end)
      return
    }
    const group = groups[step] as Set<Open>
    group.add(open)
    response.once('close', () => group.delete(open))
  })
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', 4096, () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
