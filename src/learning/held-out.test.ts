import { expect, test } from 'vitest'
import { fingerprintOf, isHeldOut } from './held-out.ts'
import { userMessage } from './learning-fixtures.ts'

test('holds out about the share that was asked for, always the same tasks', () => {
  const fingerprints = Array.from({ length: 5000 }, (_, index) =>
    fingerprintOf('sage', userMessage(`task ${index}`)),
  )

  const heldOut = fingerprints.filter((fingerprint) => isHeldOut(fingerprint, 0.12))

  expect(heldOut.length / fingerprints.length).toBeGreaterThan(0.105)
  expect(heldOut.length / fingerprints.length).toBeLessThan(0.135)
  expect(fingerprints.filter((fingerprint) => isHeldOut(fingerprint, 0.12))).toEqual(heldOut)
})

test('gives equal conversations of one agent one fingerprint, and only those', () => {
  const text = userMessage('hello')

  expect(fingerprintOf('king', [{ role: 'user', content: 'hello', extra: { name: 'Ann' } }])).toBe(
    fingerprintOf('king', text),
  )
  expect(fingerprintOf('sage', text)).not.toBe(fingerprintOf('king', text))
  expect(fingerprintOf('king', [{ role: 'system', content: 'hello' }])).not.toBe(
    fingerprintOf('king', text),
  )
})
