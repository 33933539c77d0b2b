import { expect, test } from 'vitest'
import type { ChatEvent, ModelAnswer } from '../../kernel/chat.ts'
import { noUsage } from '../../kernel/chat.ts'
import { systemClock } from '../../kernel/clock.ts'
import { InvalidRequestError, ModelCallError } from '../../kernel/errors.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import type { PicoUsdPerToken } from '../../kernel/money.ts'
import { failedInteraction } from './interaction-record.ts'
import { answerWithFallback, streamWithFallback } from './serve-with-fallback.ts'
import type { Candidate, FailedCall } from './serve-with-fallback.ts'

const answer: ModelAnswer = {
  text: 'fine',
  finishReason: 'stop',
  usage: noUsage,
  model: 'm',
  latencyMs: 1,
  retries: 0,
}

function candidate(
  id: string,
  behaviour: {
    readonly answer?: (signal: AbortSignal) => Promise<ModelAnswer>
    readonly events?: (signal: AbortSignal) => AsyncIterable<ChatEvent>
  },
): Candidate {
  const adapter: ModelAdapter = {
    description: {
      id,
      kind: id.startsWith('local/') ? 'local' : 'frontier',
      contextLength: 100,
      price: { prompt: 1_000_000 as PicoUsdPerToken, completion: 2_000_000 as PicoUsdPerToken },
      distillable: 'no',
      supportedParameters: [],
      inputModalities: ['text'],
      simulated: false,
    },
    answer: (_request, { signal }) => behaviour.answer?.(signal) ?? Promise.resolve(answer),
    stream: (_request, { signal }) => behaviour.events?.(signal) ?? noEvents(),
  }
  const route = id.startsWith('local/') ? 'local' : 'frontier'
  const messages = [{ role: 'user' as const, content: 'x'.repeat(40) }]
  return { route, adapter, request: { messages, sampling: {} } }
}

async function* noEvents(): AsyncGenerator<ChatEvent> {
  yield { type: 'finish', answer }
}

function serving(candidates: readonly Candidate[], signal = new AbortController().signal) {
  const failures: FailedCall[] = []
  const onFailure = (failed: FailedCall): void => void failures.push(failed)
  return { options: { candidates, signal, clock: systemClock, onFailure }, failures }
}

function recordOf(failed: FailedCall | undefined, streamed: boolean) {
  if (failed === undefined) throw new Error('Nothing failed')
  const context = { id: 'int_1', taskId: 'task_1', agent: null, checkpoint: null, streamed }
  return failedInteraction({ ...context, purpose: 'serve' }, failed)
}

async function* wordsThenSilence(signal: AbortSignal): AsyncGenerator<ChatEvent> {
  yield { type: 'delta', extra: { reasoning: 'abcd' } }
  yield { type: 'text', text: 'efgh' }
  signal.throwIfAborted()
  await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

test('a conversation that the local model cannot hold is answered by the next', async () => {
  const local = candidate('local/king', {
    answer: () => Promise.reject(new InvalidRequestError('The conversation has 200 tokens')),
  })
  const { options, failures } = serving([local, candidate('vendor/king', {})])

  const served = await answerWithFallback(options)

  expect(served.candidate.adapter.description.id).toBe('vendor/king')
  expect(failures[0]?.error.message).toContain('200 tokens')
})

test('a refusal of the frontier is final, unless the client listed another model', async () => {
  const refusal = new ModelCallError('no', { model: 'a', status: 400 })
  const refusing = candidate('vendor/a', { answer: () => Promise.reject(refusal) })
  const other = candidate('vendor/b', {})

  const alone = answerWithFallback(serving([refusing, other]).options)
  await expect(alone).rejects.toBe(refusal)

  const listed = await answerWithFallback(
    serving([{ ...refusing, nextOnAnyError: true }, other]).options,
  )

  expect(listed.candidate.adapter.description.id).toBe('vendor/b')
})

test('a reader that leaves a stream is noted, with the cost of what had arrived', async () => {
  const { options, failures } = serving([candidate('vendor/a', { events: wordsThenSilence })])

  for await (const event of streamWithFallback(options)) if (event.type === 'text') break

  expect(failures).toHaveLength(1)
  const record = recordOf(failures[0], true)
  expect(record).toMatchObject({ cancelled: true, answer: 'efgh' })
  // 40 characters and their frame in, 8 out: 18 and 2 tokens, at 1 and 2 USD a million.
  expect(record.usage).toMatchObject({ promptTokens: 18, completionTokens: 2, cost: 22_000 })
})

test('an abort in mid-stream is noted in the same way, and is no failure of the model', async () => {
  const client = new AbortController()
  const { options, failures } = serving(
    [candidate('vendor/a', { events: wordsThenSilence }), candidate('vendor/b', {})],
    client.signal,
  )
  const reason = new Error('gone')

  const reading = (async () => {
    for await (const event of streamWithFallback(options)) {
      if (event.type === 'text') client.abort(reason)
    }
  })()

  await expect(reading).rejects.toBe(reason)
  expect(failures.map(({ cancelled }) => cancelled)).toEqual([true])
})

test('a stream that had not begun costs its prompt, a whole answer the most that it may cost', async () => {
  const client = new AbortController()
  const waiting = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  // oxlint-disable-next-line require-yield -- it falls silent before its first event
  async function* silence(signal: AbortSignal): AsyncGenerator<ChatEvent> {
    await waiting(signal)
  }
  const whole = serving([candidate('vendor/a', { answer: waiting })], client.signal)
  const streamed = serving([candidate('vendor/a', { events: silence })], client.signal)
  const calls = [
    answerWithFallback(whole.options),
    streamWithFallback(streamed.options).next(),
  ].map((call) => expect(call).rejects.toThrow('aborted'))

  client.abort()

  await Promise.all(calls)
  expect(recordOf(whole.failures[0], false).usage.cost).toBe(272_000)
  expect(recordOf(streamed.failures[0], true).usage.cost).toBe(18_000)
})

test('who was gone before the call is not recorded: nothing was sent', async () => {
  const { options, failures } = serving([candidate('vendor/a', {})], AbortSignal.abort())

  await expect(answerWithFallback(options)).rejects.toThrow('aborted')
  expect(failures).toEqual([])
})
