import { expect, test } from 'vitest'
import { lastUserText } from '../src/kernel/chat.ts'
import type { ChatRequest } from '../src/kernel/chat.ts'
import type { Decision } from '../src/kernel/decision.ts'
import type { JsonObject } from '../src/kernel/json.ts'
import { createTestVillage, heldOutLabels } from './scripted-village.ts'
import type { Script } from './scripted-models.ts'
import { storeOfEachTest } from './test-stores.ts'

const store = storeOfEachTest()

const signal = new AbortController().signal
const schema = {
  type: 'object',
  properties: { queue: { type: 'string' } },
  required: ['queue'],
  additionalProperties: false,
}
const asked = {
  response_format: { type: 'json_schema', json_schema: { name: 'ticket', schema } },
}
const ticket = (index: number): string => `Sort ticket ${index} of the customer into a queue`

/** A village whose King usually answers tickets locally, with the format or without it. */
async function sortingVillage(
  scripts: { frontier?: Script; local?: Script } = {},
  isProven = true,
) {
  const prompts: Record<'frontier' | 'local', ChatRequest[]> = { frontier: [], local: [] }
  const made = createTestVillage({
    store: store.current,
    frontier: (request) => {
      prompts.frontier.push(request)
      return scripts.frontier?.(request) ?? '{"queue": "billing"}'
    },
    local: (request) => {
      prompts.local.push(request)
      return scripts.local?.(request) ?? '{"queue":"billing"}'
    },
    localProbability: () => 0.99,
  })
  const send = async (index: number, extra: JsonObject = asked, streamed = false) => {
    const input = {
      request: {
        messages: [{ role: 'user' as const, content: ticket(index) }],
        sampling: {},
        extra,
      },
      requestedModel: 'village/king',
      streamed,
    }
    let text = ''
    let decision: Decision | undefined
    for await (const event of made.village.stream(input, { signal })) {
      if (event.type === 'text') text += event.text
      if (event.type === 'answered') ({ decision } = event.answered)
    }
    await made.village.whenIdle()
    expect(made.errors).toEqual([])
    if (decision === undefined) throw new Error('the stream ended without a decision')
    return { text, decision }
  }
  const { decision } = await send(0)
  const labels = heldOutLabels(ticket, decision.kind, true).map((label) =>
    Object.assign(label, { leastLogProbability: Math.log(0.99) }),
  )
  if (isProven) made.router.restart('king', labels)
  made.latency.observe('king', decision.kind, { latencyMs: 20, tokens: 5 })
  return { ...made, send, prompts, kind: decision.kind }
}

test('a local answer that fits the schema leaves, and was asked for with the schema in its prompt', async () => {
  const { send, prompts } = await sortingVillage()

  const { text, decision } = await send(1)

  expect(decision.route).toBe('local')
  expect(text).toBe('{"queue":"billing"}')
  expect(prompts.local.at(-1)).toMatchObject({
    messages: [
      { role: 'system', content: expect.stringContaining('Answer with JSON of this schema: {') },
      { role: 'user', content: ticket(1) },
    ],
    extra: asked,
  })
})

test('the frontier gets the format as the client wrote it, and its own prompt', async () => {
  const { prompts } = await sortingVillage()

  const [first] = prompts.frontier

  expect(first?.extra).toEqual(asked)
  expect(JSON.stringify(first?.messages)).not.toContain('Answer with JSON')
})

test.each([
  {
    says: '{"team":"billing"}',
    why: "it did not fit the schema: data must have required property 'queue'",
  },
  { says: 'billing', why: 'it was not JSON' },
  { says: '{"queue":"bil…', why: 'its JSON was cut off by the limit of tokens' },
])('a local answer of $says is handed over before any of it leaves', async ({ says, why }) => {
  const { send } = await sortingVillage({ local: () => says })

  const { text, decision } = await send(1)

  expect(text).toBe('{"queue": "billing"}')
  expect(decision.route).toBe('frontier')
  expect(decision.reason).toBe(`Frontier: the local model answered, but ${why}.`)
  const comparisons = await store.current.ledger.list('comparison', { taskId: decision.taskId })
  expect(comparisons).toMatchObject([{ source: 'handover', verdict: 'reference-only' }])
})

test('what is known of a kind is kept apart for answers that are held to JSON', async () => {
  const { send, kind } = await sortingVillage()

  const plain = await send(1, {})

  expect(kind).toMatch(/\+json$/)
  expect(plain.decision.kind).not.toMatch(/\+json$/)
  expect(plain.decision.route).toBe('frontier')
})

test('an example keeps the format, and the schema makes it another task', async () => {
  const { send } = await sortingVillage({}, false)

  await send(7, {})
  await send(7, { response_format: { type: 'json_object' } })

  const examples = await store.current.ledger.list('example')
  const [plain, json] = examples.slice(-2)
  expect(plain?.responseFormat).toBeUndefined()
  expect(plain?.messages).toEqual([{ role: 'user', content: ticket(7) }])
  expect(json?.responseFormat).toEqual({ type: 'json_object' })
  expect(json?.messages[0]).toEqual({ role: 'system', content: 'Answer with a JSON object.' })
})

test('a frontier answer that misses the format teaches nothing and refutes nothing', async () => {
  const { send } = await sortingVillage({
    frontier: ({ messages }) =>
      lastUserText(messages) === ticket(0) ? '{"queue": "billing"}' : 'Billing, I think.',
    local: () => '{"team":"billing"}',
  })
  const before = (await store.current.ledger.list('example')).length

  const { decision } = await send(1)

  expect(decision.route).toBe('frontier')
  expect(await store.current.ledger.list('comparison', { taskId: decision.taskId })).toEqual([])
  expect(await store.current.ledger.list('example')).toHaveLength(before)
})

test.each<[string, JsonObject, object]>([
  ['tools were at hand', { tools: [{ type: 'function' }] }, {}],
  ['the web was searched', { plugins: [{ id: 'web' }] }, {}],
  ['a stop sequence may have ended it', {}, { stop: ['\n'] }],
])('nothing is learnt from an answer where %s', async (_what, extra, sampling) => {
  const { village } = await sortingVillage()
  const before = (await store.current.ledger.list('example')).length

  await village.answer(
    {
      request: { messages: [{ role: 'user', content: ticket(3) }], sampling, extra },
      requestedModel: 'village/king',
      streamed: false,
    },
    { signal },
  )
  await village.whenIdle()

  expect(await store.current.ledger.list('example')).toHaveLength(before)
})

test('a correction is an example in the format that was asked for, or none', async () => {
  const { village, send } = await sortingVillage({}, false)
  const { decision } = await send(2)
  const before = (await store.current.ledger.list('example')).length
  const feedback = { decisionId: decision.id, rating: -1 as const }

  await village.recordFeedback({ ...feedback, correction: 'returns' })
  await village.recordFeedback({ ...feedback, correction: '{"queue":"returns"}' })

  const [corrected, ...more] = (await store.current.ledger.list('example')).slice(before)
  expect(more).toEqual([])
  expect(corrected).toMatchObject({
    answer: '{"queue":"returns"}',
    responseFormat: asked.response_format,
    messages: [{ role: 'system' }, { content: ticket(2) }],
  })
})

test('a schema that no grammar holds goes to the frontier, with that as the reason', async () => {
  const { send } = await sortingVillage()
  const pattern = { type: 'string', pattern: '^[a-z]+$' }

  const { decision } = await send(1, {
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: pattern } },
  })

  expect(decision.reason).toBe('Frontier: the local model cannot keep to "pattern" in a schema.')
})

test.each([{ streamed: true }, { streamed: false }])(
  'a local model that the client named fails with the reason when its answer misses: %o',
  async ({ streamed }) => {
    const { village } = await sortingVillage({ local: () => 'billing' })
    const request: ChatRequest = {
      messages: [{ role: 'user', content: ticket(1) }],
      sampling: {},
      extra: asked,
    }
    const textOf = async (fallbackModels: readonly string[]): Promise<string> => {
      const input = { request, requestedModel: 'local/king', streamed, fallbackModels }
      if (!streamed) return (await village.answer(input, { signal })).answer.text
      let text = ''
      for await (const event of village.stream(input, { signal })) {
        if (event.type === 'text') text += event.text
      }
      return text
    }

    const alone = textOf([])
    const listed = textOf(['vendor/king'])

    await expect(alone).rejects.toThrow('The answer of local/king was kept back: it was not JSON.')
    expect(await listed).toBe('{"queue": "billing"}')
  },
)
