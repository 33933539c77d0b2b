import { expect, test } from 'vitest'
import { scriptedApiKey } from './scripted-village.ts'
import { createApiKeyGate, keyOfHeaders } from './api-key-gate.ts'

function gateOver(keys: readonly string[], maxKeys = 10) {
  let nowMs = 0
  const lookedUp: string[] = []
  const gate = createApiKeyGate({
    authenticate: async (key) => {
      lookedUp.push(key)
      return keys.includes(key) ? scriptedApiKey({ id: key }) : null
    },
    clock: { now: () => nowMs, sleep: () => Promise.reject(new Error('not used')) },
    timeToLiveMs: 1000,
    maxKeys,
  })
  return { gate, lookedUp, wait: (durationMs: number) => (nowMs += durationMs) }
}

test('asks the store once for a known key, and again after its time', async () => {
  const { gate, lookedUp, wait } = gateOver(['vk-a'])

  await gate.check('vk-a')
  wait(999)
  const remembered = gate.check('vk-a')
  wait(1)
  await gate.check('vk-a')

  expect(remembered).toMatchObject({ id: 'vk-a' })
  expect(lookedUp).toEqual(['vk-a', 'vk-a'])
})

test('requests that come at once with the same key ask the store once', async () => {
  const { gate, lookedUp } = gateOver(['vk-a'])

  const checked = await Promise.all([gate.check('vk-a'), gate.check('vk-a'), gate.check('vk-b')])

  expect(checked.map((key) => key?.id)).toEqual(['vk-a', 'vk-a', undefined])
  expect(lookedUp).toEqual(['vk-a', 'vk-b'])
})

test('a key that is revoked while it is being looked up is asked for again', async () => {
  const answers: ((key: ReturnType<typeof scriptedApiKey> | null) => void)[] = []
  const gate = createApiKeyGate({
    authenticate: () => new Promise((resolve) => answers.push(resolve)),
    clock: { now: () => 0, sleep: () => Promise.reject(new Error('not used')) },
    timeToLiveMs: 1000,
    maxKeys: 10,
  })
  const checked = gate.check('vk-a')

  gate.forget('key_1')
  answers[0]?.(scriptedApiKey())
  await Promise.resolve()
  answers[1]?.(null)

  expect(await checked).toBeNull()
})

test('forgets a key that expires before its time in memory', async () => {
  let nowMs = 0
  const gate = createApiKeyGate({
    authenticate: async () => (nowMs < 500 ? scriptedApiKey({ expiresAtMs: 500 }) : null),
    clock: { now: () => nowMs, sleep: () => Promise.reject(new Error('not used')) },
    timeToLiveMs: 1000,
    maxKeys: 10,
  })
  await gate.check('vk-a')

  nowMs = 500

  expect(await gate.check('vk-a')).toBeNull()
})

test('tells keys apart that begin alike', async () => {
  const { gate } = gateOver(['vk-abcdef'])
  await gate.check('vk-abcdef')

  const other = await gate.check('vk-abcdeg')

  expect(other).toBeNull()
})

test('forgets the oldest key at its bound, and never a key because of guesses', async () => {
  const { gate, lookedUp } = gateOver(['vk-a', 'vk-b'], 1)

  await gate.check('vk-a')
  await gate.check('vk-guess')
  await gate.check('vk-a')
  await gate.check('vk-b')
  await gate.check('vk-a')

  expect(lookedUp).toEqual(['vk-a', 'vk-guess', 'vk-b', 'vk-a'])
})

test.each([
  [{ authorization: 'Bearer vk-a' }, 'vk-a'],
  [{ authorization: 'bearer  vk-a ' }, 'vk-a'],
  [{ 'x-api-key': 'vk-a' }, 'vk-a'],
  [{ authorization: 'Bearer' }, null],
  [{ authorization: 'Bearer a b' }, null],
  [{ 'x-api-key': '' }, null],
  [{}, null],
])('reads the key of %j', (headers, key) => {
  expect(keyOfHeaders(headers)).toBe(key)
})
