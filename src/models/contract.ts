import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChatEvent, ChatRequest, ModelAnswer, Sampling } from '../kernel/chat.ts'
import { InvalidRequestError, ModelCallError } from '../kernel/errors.ts'
import type { ModelAdapter } from '../kernel/model-adapter.ts'

export type ModelAdapterSubject = {
  readonly adapter: ModelAdapter
  /** A prompt that is answered with 10 characters and 5 tokens or more, the same text every time. */
  readonly longPrompt: string
  /** Prompts whose answers differ from each other. */
  readonly differentPrompts: readonly string[]
  /** A prompt with characters beyond ASCII, and a text of such characters that the answer holds. */
  readonly unicode: { readonly prompt: string; readonly answerHolds: string }
  /** Makes a call with this adapter fail for a reason that lies with the model. */
  readonly failing: ModelAdapter
  /** Resolves when a call is under way at the model, so that it can be aborted in the middle. */
  readonly slow: ModelAdapter
  close(): Promise<void>
}

/** What every implementation of the port `ModelAdapter` keeps. */
export function describeModelAdapter(
  name: string,
  setUp: () => Promise<ModelAdapterSubject>,
): void {
  describe(`${name} keeps the contract of ModelAdapter`, () => {
    let subject: ModelAdapterSubject
    beforeAll(async () => {
      subject = await setUp()
    })
    afterAll(async () => {
      await subject.close()
    })

    test('a whole answer has text, a finish reason, a model and counted tokens', async () => {
      const answer = await subject.adapter.answer(ask(subject.longPrompt), running())

      expect(answer.text.length).toBeGreaterThanOrEqual(10)
      expect(answer.finishReason).toBe('stop')
      expect(answer.model).not.toBe('')
      expect(answer.usage.promptTokens).toBeGreaterThan(0)
      expect(answer.usage.completionTokens).toBeGreaterThan(0)
      expect(answer.usage.cost).toBeGreaterThanOrEqual(0)
      expect(Number.isInteger(answer.usage.cost)).toBe(true)
      expect(answer.latencyMs).toBeGreaterThanOrEqual(0)
    })

    test('the deltas of a stream concatenate to the answer of its one finish', async () => {
      const whole = await subject.adapter.answer(ask(subject.longPrompt), running())

      const events = await collect(subject.adapter.stream(ask(subject.longPrompt), running()))

      const finishes = events.filter((event) => event.type === 'finish')
      expect(finishes).toHaveLength(1)
      expect(events.at(-1)?.type).toBe('finish')
      expect(textOf(events)).toBe(finishes[0]?.answer.text)
      expect(textOf(events)).toBe(whole.text)
      expect(finishes[0]?.answer.usage.completionTokens).toBeGreaterThan(0)
      expect(events.filter((event) => event.type === 'text').length).toBeGreaterThan(1)
    })

    test('the limit of tokens ends the answer with the reason length', async () => {
      const request = ask(subject.longPrompt, { maxTokens: 3 })

      const answer = await subject.adapter.answer(request, running())
      const streamed = finishOf(await collect(subject.adapter.stream(request, running())))

      expect(answer.finishReason).toBe('length')
      expect(answer.usage.completionTokens).toBeLessThanOrEqual(3)
      expect(streamed.finishReason).toBe('length')
      expect(streamed.text).toBe(answer.text)
    })

    test('a stop sequence ends the answer before it', async () => {
      const whole = await subject.adapter.answer(ask(subject.longPrompt), running())
      const middle = Math.floor(whole.text.length / 2)
      const stop = whole.text.slice(middle, middle + 3)
      const request = ask(subject.longPrompt, { stop: ['never in any answer', stop] })

      const answer = await subject.adapter.answer(request, running())
      const events = await collect(subject.adapter.stream(request, running()))

      expect(answer.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)))
      expect(answer.finishReason).toBe('stop')
      expect(textOf(events)).toBe(answer.text)
    })

    test('an abort before the call rejects with its reason', async () => {
      const reason = new Error('the client went away')
      const signal = AbortSignal.abort(reason)

      const whole = subject.adapter.answer(ask(subject.longPrompt), { signal })
      const streamed = collect(subject.adapter.stream(ask(subject.longPrompt), { signal }))

      await Promise.all([expect(whole).rejects.toBe(reason), expect(streamed).rejects.toBe(reason)])
    })

    test('an abort during a whole answer rejects with its reason, at once', async () => {
      const reason = new Error('the client went away')
      const controller = new AbortController()
      const call = subject.slow.answer(ask(subject.longPrompt), { signal: controller.signal })
      const startedAt = performance.now()

      setImmediate(() => controller.abort(reason))

      await expect(call).rejects.toBe(reason)
      expect(performance.now() - startedAt).toBeLessThan(1000)
    })

    test('an abort during a stream rejects with its reason, at once', async () => {
      const reason = new Error('the client went away')
      const controller = new AbortController()
      const stream = subject.slow.stream(ask(subject.longPrompt), { signal: controller.signal })
      const consumed = (async () => {
        for await (const event of stream) {
          if (event.type === 'text') controller.abort(reason)
        }
      })()

      await expect(consumed).rejects.toBe(reason)
    })

    test('a consumer may leave a stream early, and the next call works', async () => {
      for await (const event of subject.adapter.stream(ask(subject.longPrompt), running())) {
        if (event.type === 'text') break
      }

      const answer = await subject.adapter.answer(ask(subject.longPrompt), running())

      expect(answer.finishReason).toBe('stop')
    })

    test('calls at the same time do not mix', async () => {
      const alone: string[] = []
      for (const prompt of subject.differentPrompts) {
        alone.push((await subject.adapter.answer(ask(prompt), running())).text)
      }

      const together = await Promise.all(
        subject.differentPrompts.map(async (prompt, index) =>
          index % 2 === 0
            ? (await subject.adapter.answer(ask(prompt), running())).text
            : textOf(await collect(subject.adapter.stream(ask(prompt), running()))),
        ),
      )

      expect(together).toEqual(alone)
      expect(new Set(alone).size).toBe(alone.length)
    })

    test('a failure of the model is a ModelCallError, whole and streamed', async () => {
      const whole = subject.failing.answer(ask(subject.longPrompt), running())
      const streamed = collect(subject.failing.stream(ask(subject.longPrompt), running()))

      await Promise.all([
        expect(whole).rejects.toBeInstanceOf(ModelCallError),
        expect(streamed).rejects.toBeInstanceOf(ModelCallError),
      ])
    })

    test('a request with no messages is refused with a clear error', async () => {
      const request: ChatRequest = { messages: [], sampling: {} }

      const whole = subject.adapter.answer(request, running())
      const streamed = collect(subject.adapter.stream(request, running()))

      await Promise.all([
        expect(whole).rejects.toBeInstanceOf(InvalidRequestError),
        expect(whole).rejects.toThrow(/messages/),
        expect(streamed).rejects.toBeInstanceOf(InvalidRequestError),
      ])
    })

    test('a response format that the model says it keeps to is kept, whole and streamed', async () => {
      const { adapter, longPrompt } = subject
      const keeps = adapter.formatProblem?.(yesOrNo) === null
      const request = { ...ask(longPrompt), extra: { response_format: yesOrNo } }

      const whole = await adapter.answer(request, running())
      const events = await collect(adapter.stream(request, running()))

      const allowed = new Set(['{"answer":"yes"}', '{"answer":"no"}'])
      const given = [whole.text, textOf(events)].map((text) => text.replaceAll(/\s/g, ''))
      expect(given.every((text) => !keeps || allowed.has(text))).toBe(true)
    })

    test('characters beyond ASCII come through, whole and streamed', async () => {
      const answer = await subject.adapter.answer(ask(subject.unicode.prompt), running())
      const events = await collect(subject.adapter.stream(ask(subject.unicode.prompt), running()))

      expect(answer.text).toContain(subject.unicode.answerHolds)
      expect(textOf(events)).toBe(answer.text)
    })
  })
}

const yesOrNo = {
  type: 'json_schema',
  json_schema: {
    name: 'verdict',
    schema: {
      type: 'object',
      properties: { answer: { enum: ['yes', 'no'] } },
      required: ['answer'],
      additionalProperties: false,
    },
  },
}

/** Temperature 0, so that answers can be compared. */
function ask(prompt: string, sampling: Sampling = {}): ChatRequest {
  return {
    messages: [{ role: 'user', content: prompt }],
    sampling: { temperature: 0, ...sampling },
  }
}

function running(): { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal }
}

async function collect(stream: AsyncIterable<ChatEvent>): Promise<readonly ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}

function finishOf(events: readonly ChatEvent[]): ModelAnswer {
  const finish = events.find((event) => event.type === 'finish')
  if (finish === undefined) throw new Error('The stream ended without a finish')
  return finish.answer
}
