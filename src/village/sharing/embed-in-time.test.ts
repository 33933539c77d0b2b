import { expect, test } from 'vitest'
import { createManualClock } from '../../kernel/manual-clock.ts'
import { createSampleEmbedder } from '../../kernel/sample-embedder.ts'
import { embedInTime } from './embed-in-time.ts'

const table = createSampleEmbedder()

test('a vector that is there at once is given, and no time is measured', async () => {
  const clock = createManualClock()

  expect(await embedInTime(table, 'a text', clock)).toEqual(table.embed('a text'))
  expect(clock.sleptMs).toEqual([])
})

test('a vector that comes in time is given', async () => {
  const clock = createManualClock()
  const network = { ...table, embed: async (text: string) => table.embed(text) }

  expect(await embedInTime(network, 'a text', clock)).toEqual(table.embed('a text'))
})

test('after two seconds nobody waits any more', async () => {
  const clock = createManualClock()
  const stuck = { ...table, embed: () => new Promise<Float32Array>(() => undefined) }
  const [outcome] = await Promise.allSettled([
    embedInTime(stuck, 'a text', clock),
    clock.advance(2_000),
  ])

  expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'EmbeddingError' } })
})
