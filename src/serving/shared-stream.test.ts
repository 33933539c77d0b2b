import { expect, test } from 'vitest'
import { seededRandom } from '../kernel/random.ts'
import { SharedStream } from './shared-stream.ts'

/** A source that gives what it is told to, and tells how it was treated. */
function scriptedSource() {
  const waiting: PromiseWithResolvers<string | null>[] = []
  const given: (string | null)[] = []
  const told = { pulls: 0, ended: false, signal: null as AbortSignal | null }
  const next = (): Promise<string | null> => {
    told.pulls += 1
    const ready = given.shift()
    if (ready !== undefined) return Promise.resolve(ready)
    const gate = Promise.withResolvers<string | null>()
    waiting.push(gate)
    return gate.promise
  }
  return {
    told,
    give: (...events: readonly (string | null)[]) => {
      for (const event of events) {
        const gate = waiting.shift()
        if (gate === undefined) given.push(event)
        else gate.resolve(event)
      }
    },
    fail: (error: Error) => waiting.shift()?.reject(error),
    start: async function* (signal: AbortSignal): AsyncGenerator<string> {
      told.signal = signal
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
      aborted.catch(() => undefined)
      try {
        for (;;) {
          const event = await Promise.race([next(), aborted])
          if (event === null) return
          yield event
        }
      } finally {
        told.ended = true
      }
    },
  }
}

function share(source: ReturnType<typeof scriptedSource>, maxBehind = 1_000) {
  const closed = { times: 0 }
  const stream = new SharedStream((signal) => source.start(signal), {
    sizeOf: (event: string) => event.length,
    isLast: (event) => event === 'END',
    maxBehind,
    onClosed: () => (closed.times += 1),
  })
  return { stream, closed }
}

const never = new AbortController().signal

async function allOf(events: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const event of events) all.push(event)
  return all
}

test('a late reader gets first what was already streamed, then the rest as it comes', async () => {
  const source = scriptedSource()
  const { stream } = share(source)
  const early = stream.read(never)
  source.give('a', 'b')
  expect([(await early.next()).value, (await early.next()).value]).toEqual(['a', 'b'])

  const late = stream.read(never)
  const soon = [await late.next(), await late.next()].map(({ value }) => value as string)
  source.give('c', 'END')

  expect(soon).toEqual(['a', 'b'])
  expect(await allOf(late)).toEqual(['c', 'END'])
  expect(await allOf(early)).toEqual(['c', 'END'])
  expect(source.told.ended).toBe(true)
  expect(stream.isOpen).toBe(false)
})

test('the source is read no faster than its fastest reader', async () => {
  const source = scriptedSource()
  const { stream } = share(source)
  source.give('a', 'b', 'c', 'END')
  const reader = stream.read(never)

  await reader.next()
  await reader.next()
  await new Promise((resolve) => setImmediate(resolve))

  expect(source.told.pulls).toBe(2)
})

test('one reader who goes away changes nothing for the others', async () => {
  const source = scriptedSource()
  const { stream } = share(source)
  const client = new AbortController()
  const leaves = stream.read(client.signal)
  const stays = stream.read(never)
  source.give('a')
  await leaves.next()

  client.abort(new Error('gone'))
  source.give('b', 'END')

  await expect(leaves.next()).rejects.toThrow('gone')
  expect(await allOf(stays)).toEqual(['a', 'b', 'END'])
  expect(source.told.signal?.aborted).toBe(false)
})

test('the last reader who goes away cancels the source and closes the stream at once', async () => {
  const source = scriptedSource()
  const { stream, closed } = share(source)
  const clients = [new AbortController(), new AbortController()]
  const readers = clients.map(({ signal }) => stream.read(signal))
  const waiting = readers.map((reader) => reader.next())

  clients[0]?.abort(new Error('gone'))
  const cancelledTooEarly = source.told.signal?.aborted
  clients[1]?.abort(new Error('gone'))

  expect(cancelledTooEarly).toBe(false)
  expect(source.told.signal?.aborted).toBe(true)
  expect([stream.isOpen, closed.times]).toEqual([false, 1])
  const outcomes = await Promise.allSettled(waiting)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(source.told.ended).toBe(true)
})

test('a reader who returns early counts as gone', async () => {
  const source = scriptedSource()
  const { stream } = share(source)
  const reader = stream.read(never)
  source.give('a')
  await reader.next()

  await reader.return(undefined)

  expect(source.told.signal?.aborted).toBe(true)
})

test('a failure in mid-stream reaches every reader after the events before it', async () => {
  const source = scriptedSource()
  const { stream } = share(source)
  const readers = [stream.read(never), stream.read(never)]
  source.give('a')
  const firsts = await Promise.all(readers.map((reader) => reader.next()))

  const nexts = readers.map((reader) => reader.next())
  source.fail(new Error('upstream broke'))

  expect(firsts.map(({ value }) => value as string)).toEqual(['a', 'a'])
  for (const next of nexts) await expect(next).rejects.toThrow('upstream broke')
  expect(stream.isOpen).toBe(false)
})

test('nobody may join once events were let go, and one alone never holds much', async () => {
  const source = scriptedSource()
  const { stream, closed } = share(source, 10)
  const reader = stream.read(never)
  source.give('12345', '12345', '12345', '12345', 'END')

  expect(await allOf(reader)).toEqual(['12345', '12345', '12345', '12345', 'END'])
  expect(closed.times).toBe(1)
})

test('a reader too far behind is cut off, and the fastest goes on', async () => {
  const source = scriptedSource()
  const { stream } = share(source, 10)
  const [fast, slow] = [stream.read(never), stream.read(never)]
  source.give('12345', '12345', '12345', '12345', 'END')

  await slow.next()
  const all = await allOf(fast)

  expect(all).toHaveLength(5)
  await expect(slow.next()).rejects.toThrow('too far behind')
})

test('whoever comes and goes, every reader sees the same events from the first one on', async () => {
  const random = seededRandom(7)
  for (let round = 0; round < 60; round += 1) {
    const source = scriptedSource()
    const { stream } = share(source, 40)
    const expected = Array.from({ length: 25 }, (_, index) => `event ${index}`)
    const readers: Promise<{ seen: string[]; left: boolean }>[] = []
    const reading = async (): Promise<{ seen: string[]; left: boolean }> => {
      const client = new AbortController()
      const seen: string[] = []
      try {
        for await (const event of stream.read(client.signal)) {
          seen.push(event)
          if (random() < 0.02) client.abort(new Error('gone'))
          if (random() < 0.3) await new Promise((resolve) => setImmediate(resolve))
        }
        return { seen, left: false }
      } catch {
        return { seen, left: true }
      }
    }
    source.give(...expected, 'END')
    for (let index = 0; index < 6; index += 1) {
      if (stream.isOpen) readers.push(reading())
      if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve))
    }

    for (const { seen, left } of await Promise.all(readers)) {
      expect(seen).toEqual([...expected, 'END'].slice(0, seen.length))
      expect(left || seen.at(-1) === 'END').toBe(true)
    }
    expect([stream.isOpen, source.told.ended]).toEqual([false, true])
  }
})
