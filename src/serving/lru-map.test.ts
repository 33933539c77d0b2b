import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LruMap } from './lru-map.ts'

test('never holds more entries or a greater size than allowed, and counts its size right', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const action = fc.oneof(
    fc.record({ type: fc.constant('set' as const), key, size: fc.nat(60) }),
    fc.record({ type: fc.constant('get' as const), key }),
    fc.record({ type: fc.constant('delete' as const), key }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const map = new LruMap<{ size: number }>({
        maxEntries: 3,
        maxSize: 100,
        sizeOf: (value) => value.size,
      })
      for (const step of actions) {
        if (step.type === 'set') map.set(step.key, { size: step.size })
        else if (step.type === 'get') map.get(step.key)
        else map.delete(step.key)
      }

      const sizes = [...map.entries()].map(([, { size }]) => size)
      expect(map.size).toBeLessThanOrEqual(3)
      expect(map.totalSize).toBeLessThanOrEqual(100)
      expect(map.totalSize).toBe(sizes.reduce((sum, size) => sum + size, 0))
    }),
  )
})

test('what was used last stays, and the keys that had to go are told', () => {
  const map = new LruMap<string>({ maxEntries: 2, maxSize: 9, sizeOf: () => 1 })
  map.set('a', 'A')
  map.set('b', 'B')
  map.get('a')

  expect(map.set('c', 'C')).toEqual(['b'])
  expect([...map.entries()].map(([key]) => key)).toEqual(['a', 'c'])
})
