import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChatEvent, ChatRequest, Sampling } from '../../kernel/chat.ts'
import { InvalidRequestError } from '../../kernel/errors.ts'
import type { JsonObject, JsonValue } from '../../kernel/json.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import type { LlamaCpp } from './llama-cpp.ts'
import { startTestStudent } from './test-student.ts'

const { signal } = new AbortController()
let local: LlamaCpp
let king: ModelAdapter
beforeAll(async () => {
  local = await startTestStudent()
  king = local.forAgent('king')
})
afterAll(() => local.close())

function ask(extra: JsonObject, sampling: Sampling = {}): ChatRequest {
  return {
    messages: [{ role: 'user', content: 'What does one see from the hill at night?' }],
    sampling: { maxTokens: 120, temperature: 0, ...sampling },
    extra,
  }
}

function schemaFormat(schema: JsonValue): JsonObject {
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } }
}

async function eventsOf(request: ChatRequest): Promise<readonly ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const event of king.stream(request, { signal })) events.push(event)
  return events
}

const place = {
  type: 'object',
  properties: {
    what: { type: 'string', maxLength: 8 },
    size: { enum: ['small', 'large'] },
    count: { type: ['integer', 'null'] },
  },
  required: ['what', 'size', 'count'],
  additionalProperties: false,
}

test('a schema holds the answer, whole and streamed, and the model still says how sure it was', async () => {
  const whole = await king.answer(ask(schemaFormat(place)), { signal })
  const events = await eventsOf(ask(schemaFormat(place)))

  const value = JSON.parse(whole.text) as Record<string, unknown>
  expect(Object.keys(value)).toEqual(['what', 'size', 'count'])
  expect(['small', 'large']).toContain(value['size'])
  expect(whole.finishReason).toBe('stop')
  expect(whole.leastLogProbability).toBeLessThan(0)
  const texts = events.map((event) => (event.type === 'text' ? event.text : ''))
  expect(texts.join('')).toBe(whole.text)
})

test('a JSON object is an object, whatever the model would rather say', async () => {
  const messages = [{ role: 'user' as const, content: 'repeat: the old mill' }]
  const format = ask({ response_format: { type: 'json_object' } })
  const plain = await king.answer({ ...ask({}), messages }, { signal })

  const answer = await king.answer({ ...format, messages }, { signal })

  expect(plain.text).toBe('the old mill')
  expect(answer.text.startsWith('{')).toBe(true)
})

test('a format that no grammar holds is said to be beyond the model, and refused', async () => {
  const format = schemaFormat({ type: 'string', pattern: '^a+$' })

  const call = king.answer(ask(format), { signal })

  await expect(call).rejects.toBeInstanceOf(InvalidRequestError)
  await expect(call).rejects.toThrow('The local model cannot keep to "pattern" in a schema.')
  expect(king.formatProblem?.(format['response_format'] as JsonObject)).toBe(
    'keep to "pattern" in a schema',
  )
})

test('several answers are sampled from different seeds and are as sure as the least sure', async () => {
  const request = ask({ n: 3 }, { temperature: 1.5, seed: 7, maxTokens: 20 })

  const answer = await king.answer(request, { signal })
  const alone = await king.answer(ask({}, { ...request.sampling, seed: 9 }), { signal })
  const events = await eventsOf(request)

  const others = answer.unread?.otherChoices ?? []
  const texts = [answer.text, ...others.map(contentOf)]
  expect(new Set(texts).size).toBe(3)
  expect(others).toMatchObject([{ index: 1 }, { index: 2 }])
  expect(texts[2]).toBe(alone.text)
  expect(answer.leastLogProbability).toBeLessThanOrEqual(alone.leastLogProbability ?? 0)
  expect(answer.usage.completionTokens).toBeGreaterThan(alone.usage.completionTokens)
  expect(events.map(({ type }) => type)).toEqual(['text', 'choice', 'choice', 'finish'])
  expect(events[1]).toMatchObject({ choice: { index: 1, delta: { content: texts[1] } } })
})

test('top_k of one is greedy at any temperature, and min_p of one as well', async () => {
  const greedy = await king.answer(ask({}), { signal })

  const byTopK = await king.answer(ask({ top_k: 1 }, { temperature: 1.8, seed: 3 }), { signal })
  const byMinP = await king.answer(ask({ min_p: 1 }, { temperature: 1.8, seed: 3 }), { signal })
  const free = await king.answer(ask({}, { temperature: 1.8, seed: 3 }), { signal })

  expect(byTopK.text).toBe(greedy.text)
  expect(byMinP.text).toBe(greedy.text)
  expect(free.text).not.toBe(greedy.text)
})

test.each([{ presence_penalty: 2 }, { frequency_penalty: 2 }, { repetition_penalty: 2 }])(
  'what was there comes less often under %o',
  async (penalty) => {
    const plain = await variety({})

    const punished = await variety(penalty)

    expect(punished).toBeGreaterThan(1.1 * plain)
  },
)

test('what was there comes more often under a frequency penalty below zero', async () => {
  const plain = await variety({})

  const praised = await variety({ frequency_penalty: -2 })

  expect(praised).toBeLessThan(0.8 * plain)
})

/** Different characters among all, over eight samples; the student's tokens are characters. */
async function variety(extra: JsonObject): Promise<number> {
  const request = ask({ ...extra, n: 8 }, { temperature: 1.5, seed: 5, maxTokens: 40 })
  const answer = await king.answer(request, { signal })
  const others = answer.unread?.otherChoices ?? []
  const texts = [answer.text, ...others.map(contentOf)]
  const different = texts.reduce((sum, text) => sum + new Set(text).size, 0)
  return different / texts.join('').length
}

function contentOf(choice: JsonObject): string {
  return (choice['message'] as { content: string }).content
}
