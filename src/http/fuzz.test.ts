import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postJson, scriptedService, startScriptedServer } from './scripted-village.ts'

let server: Awaited<ReturnType<typeof startScriptedServer>>

beforeAll(async () => {
  const village = scriptedService()
  server = await startScriptedServer({
    service: {
      ...village,
      answer: (input, options) => {
        JSON.stringify(input)
        return village.answer(input, options)
      },
    },
  })
})
afterAll(() => server.close())

const block = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom(
        'text',
        'image',
        'document',
        'tool_use',
        'tool_result',
        'thinking',
        'input_text',
        'input_image',
        'message',
        'function_call',
        'function_call_output',
        'reasoning',
      ),
      fc.jsonValue(),
    ),
    role: fc.constantFrom('user', 'assistant'),
    text: fc.oneof(fc.string(), fc.jsonValue()),
    source: fc.oneof(fc.record({ type: fc.constantFrom('base64', 'url', 'text') }), fc.jsonValue()),
    content: fc.oneof(fc.string(), fc.array(fc.jsonValue()), fc.jsonValue()),
    summary: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
    output: fc.jsonValue(),
    input: fc.jsonValue(),
    name: fc.string(),
    arguments: fc.oneof(fc.string(), fc.jsonValue()),
    id: fc.string(),
    call_id: fc.string(),
    tool_use_id: fc.string(),
  },
  { requiredKeys: ['type'] },
)

const tool = fc.record(
  {
    type: fc.oneof(fc.constantFrom('function', 'custom', 'web_search'), fc.jsonValue()),
    name: fc.oneof(fc.string(), fc.jsonValue()),
    input_schema: fc.jsonValue(),
    strict: fc.jsonValue(),
  },
  { requiredKeys: [] },
)

/** Bodies that are nearly right reach further than random ones. */
const nearlyRight = fc.record(
  {
    model: fc.oneof(fc.constant('village'), fc.jsonValue()),
    messages: fc.oneof(
      fc.array(
        fc.record(
          {
            role: fc.oneof(fc.constantFrom('user', 'assistant', 'tool'), fc.jsonValue()),
            content: fc.oneof(
              fc.string(),
              fc.array(block),
              fc.array(fc.jsonValue()),
              fc.jsonValue(),
            ),
            ['__proto__']: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
      ),
      fc.jsonValue(),
    ),
    stream: fc.oneof(fc.boolean(), fc.jsonValue()),
    stop: fc.jsonValue(),
    models: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    input: fc.oneof(fc.string(), fc.array(block), fc.jsonValue()),
    prompt: fc.oneof(fc.string(), fc.jsonValue()),
    system: fc.oneof(fc.string(), fc.array(block), fc.jsonValue()),
    tools: fc.oneof(fc.array(tool), fc.jsonValue()),
    tool_choice: fc.oneof(tool, fc.jsonValue()),
    thinking: fc.jsonValue(),
    text: fc.oneof(fc.record({ format: tool }), fc.jsonValue()),
    include: fc.jsonValue(),
    max_tokens: fc.oneof(fc.double(), fc.jsonValue()),
    stream_options: fc.jsonValue(),
    village: fc.oneof(fc.record({ verify: fc.jsonValue() }), fc.jsonValue()),
    constructor: fc.jsonValue(),
    decision_id: fc.oneof(fc.string(), fc.jsonValue()),
    rating: fc.oneof(fc.constantFrom('up', 1), fc.jsonValue()),
  },
  { requiredKeys: [] },
)

const body = fc.oneof(
  nearlyRight.map((value) => JSON.stringify(value)),
  fc.json(),
  fc.string({ unit: 'binary' }),
)

test.each([
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/messages',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/feedback',
])('no body makes %s fail, and every refusal has a reason', async (route) => {
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const response = await postJson(server.url + route, text)
      const answer = await response.text()

      expect(response.status).toBeLessThan(500)
      if (response.status === 200) return
      expect(JSON.parse(answer)).toMatchObject({
        error: { message: expect.stringMatching(/./), type: expect.any(String) },
      })
    }),
    { seed: 7, numRuns: 400 },
  )
})
