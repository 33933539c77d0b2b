import { expect, test } from 'vitest'
import type { ApiKey } from '../kernel/stores.ts'
import { createApiKeyGate, keyOfHeaders } from './api-key-gate.ts'

function gateOver(keys: readonly string[], maxKeys = 10) {
  let nowMs = 0
  const lookedUp: string[] = []
  const gate = createApiKeyGate({
    authenticate: async (key) => {
      lookedUp.push(key)
      return keys.includes(key) ? ({ id: key } as ApiKey) : null
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

  expect(remembered).toEqual({ id: 'vk-a' })
  expect(lookedUp).toEqual(['vk-a', 'vk-a'])
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
