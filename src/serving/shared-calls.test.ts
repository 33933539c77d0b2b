import { expect, test } from 'vitest'
import { SharedCalls } from './shared-calls.ts'

function gatedCall() {
  const gate = Promise.withResolvers<string>()
  const seen: AbortSignal[] = []
  const call = (signal: AbortSignal): Promise<string> => {
    seen.push(signal)
    return Promise.race([
      gate.promise,
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
    ])
  }
  return { call, seen, ...gate }
}

test('equal calls under way are made once, and one of them led', async () => {
  const calls = new SharedCalls<string>()
  const { call, seen, resolve } = gatedCall()
  const { signal } = new AbortController()

  const joined = [1, 2, 3].map(() => calls.join('key', call, signal))
  resolve('answer')

  expect(await Promise.all(joined)).toEqual([
    { value: 'answer', led: true },
    { value: 'answer', led: false },
    { value: 'answer', led: false },
  ])
  expect(seen).toHaveLength(1)
  expect(calls.size).toBe(0)
})

test('different calls, and calls after the end of an equal one, are made by themselves', async () => {
  const calls = new SharedCalls<string>()
  let made = 0
  const call = async (): Promise<string> => `answer ${(made += 1)}`
  const { signal } = new AbortController()

  await Promise.all([calls.join('a', call, signal), calls.join('b', call, signal)])
  const after = await calls.join('a', call, signal)

  expect(after).toEqual({ value: 'answer 3', led: true })
})

test('who goes away leaves the call to the others, the one who led too', async () => {
  const calls = new SharedCalls<string>()
  const { call, seen, resolve } = gatedCall()
  const leader = new AbortController()

  const left = calls.join('key', call, leader.signal)
  const stays = calls.join('key', call, new AbortController().signal)
  leader.abort(new Error('the client is gone'))

  await expect(left).rejects.toThrow('the client is gone')
  expect(seen[0]?.aborted).toBe(false)
  resolve('answer')
  expect(await stays).toEqual({ value: 'answer', led: false })
})

test('the last one who goes cancels the call, and the next one starts anew', async () => {
  const calls = new SharedCalls<string>()
  const first = gatedCall()
  const [one, two] = [new AbortController(), new AbortController()]
  const both = [
    calls.join('key', first.call, one.signal),
    calls.join('key', first.call, two.signal),
  ]

  one.abort(new Error('gone'))
  two.abort(new Error('gone too'))
  const anew = calls.join('key', async () => 'new answer', new AbortController().signal)

  expect(first.seen[0]?.aborted).toBe(true)
  expect(await anew).toEqual({ value: 'new answer', led: true })
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
  ])
})

test('a failure reaches everybody and is not remembered', async () => {
  const calls = new SharedCalls<string>()
  const { call, reject } = gatedCall()
  const { signal } = new AbortController()
  const both = [calls.join('key', call, signal), calls.join('key', call, signal)]

  reject(new Error('upstream'))

  await expect(both[0]).rejects.toThrow('upstream')
  await expect(both[1]).rejects.toThrow('upstream')
  expect((await calls.join('key', async () => 'well', signal)).value).toBe('well')
})
