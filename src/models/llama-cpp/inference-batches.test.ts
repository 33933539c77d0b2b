import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChatRequest, Sampling } from '../../kernel/chat.ts'
import type { LlamaCpp } from './llama-cpp.ts'
import { startTestStudent } from './test-student.ts'

const { signal } = new AbortController()

function ask(text: string, sampling: Sampling = {}): ChatRequest {
  return {
    messages: [{ role: 'user', content: text }],
    sampling: { temperature: 0, maxTokens: 40, ...sampling },
  }
}

/** Held to JSON and sampled hot, so that it does not end before its limit. */
function askForLong(seed: number): ChatRequest {
  const schema = { type: 'array', items: { type: 'integer' }, minItems: 200 }
  return {
    ...ask('Count.', { maxTokens: 120, seed, temperature: 1 }),
    extra: { response_format: { type: 'json_schema', json_schema: { name: 'long', schema } } },
  }
}

describe.each(['deterministic', 'throughput'] as const)('with batching %s', (batching) => {
  let local: LlamaCpp
  beforeAll(async () => {
    local = await startTestStudent({ batching, sequencesPerAgent: 8 })
  })
  afterAll(() => local.close())

  /** Sequences in a batch, as a mean over the batches of some work. */
  async function sequencesPerBatch(work: () => Promise<unknown>): Promise<number> {
    const before = await local.batches('king')
    await work()
    const after = await local.batches('king')
    return (after.sequences - before.sequences) / (after.batches - before.batches)
  }

  test('the size of a batch follows the load, or is one', async () => {
    const king = local.forAgent('king')

    const single = await sequencesPerBatch(() => king.answer(askForLong(1), { signal }))
    const many = await sequencesPerBatch(() =>
      Promise.all(
        Array.from({ length: 8 }, (_, seed) => king.answer(askForLong(seed), { signal })),
      ),
    )

    expect(single).toBe(1)
    const [least, most] = batching === 'deterministic' ? [1, 1] : [6, 8]
    expect(many).toBeGreaterThanOrEqual(least)
    expect(many).toBeLessThanOrEqual(most)
  })

  test('a request that comes while others run is answered before they end', async () => {
    const king = local.forAgent('king')
    let ended = 0
    const begun = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    const long = begun.map(async ({ resolve }, seed) => {
      for await (const event of king.stream(askForLong(seed), { signal })) {
        if (event.type === 'text') resolve()
      }
      ended += 1
    })
    await Promise.all(begun.map(({ promise }) => promise))

    const answer = await king.answer(ask('repeat: mill'), { signal })

    expect(answer.text).toBe('mill')
    expect(ended).toBe(0)
    await Promise.all(long)
  })

  test('answers at once are not mixed up, and one that is broken off holds nobody up', async () => {
    const king = local.forAgent('king')
    const words = ['mill', 'gate', 'river', 'stone', 'bridge']
    const left = new AbortController()
    const leaving = king.answer(askForLong(3), { signal: left.signal })

    const answers = words.map((word) => king.answer(ask(`repeat: ${word}`), { signal }))
    left.abort(new Error('the client went away'))

    await expect(leaving).rejects.toThrow('the client went away')
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(words)
  })
})
