import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The upstream of every contender: answers each completion at once with the same bytes, in
 * OpenRouter's shape, and lists the one model that the load asks for.
 */
const completion = Buffer.from(
  JSON.stringify({
    id: 'gen-1760000000-bench',
    provider: 'Bench',
    model: 'bench/fixed',
    object: 'chat.completion',
    created: 1_760_000_000,
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: 'stop',
        native_finish_reason: 'stop',
        message: { role: 'assistant', content: 'Billing, urgent. '.repeat(12), refusal: null },
      },
    ],
    usage: {
      prompt_tokens: 61,
      completion_tokens: 48,
      total_tokens: 109,
      cost: 0.0000312,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  }),
)

const models = Buffer.from(
  JSON.stringify({
    data: [
      {
        id: 'bench/fixed',
        canonical_slug: 'bench/fixed',
        name: 'Bench: Fixed',
        created: 1_760_000_000,
        context_length: 128_000,
        architecture: {
          input_modalities: ['text'],
          output_modalities: ['text'],
          tokenizer: 'Other',
        },
        pricing: { prompt: '0.0000002', completion: '0.0000004' },
        top_provider: { context_length: 128_000, max_completion_tokens: 4096, is_moderated: false },
        per_request_limits: null,
        supported_parameters: ['temperature', 'max_tokens'],
      },
    ],
  }),
)

const server = createServer((request, response) => {
  request.resume()
  request.once('end', () => {
    const body = request.method === 'POST' ? completion : models
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': body.length,
      'x-generation-id': 'gen-1760000000-bench',
    })
    response.end(body)
  })
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
