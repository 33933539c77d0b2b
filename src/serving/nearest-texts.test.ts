import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NearestTexts } from './nearest-texts.ts'

const at = (degrees: number): Float32Array => {
  const angle = (degrees * Math.PI) / 180
  return Float32Array.of(Math.cos(angle), Math.sin(angle))
}

function textAt(key: string, degrees: number, group = 'a') {
  return { key, group, text: `text ${key}`, vector: at(degrees) }
}

test('gives the texts of the group that are near enough, the nearest first', () => {
  const texts = new NearestTexts({ maxEntries: 9, maxPerGroup: 9 })
  for (const degrees of [80, 10, 30]) texts.add(textAt(`k${degrees}`, degrees))
  texts.add(textAt('other', 0, 'b'))

  const near = texts.nearest('a', at(0), 0.8)

  expect(near.map(({ key }) => key)).toEqual(['k10', 'k30'])
  expect(near[0]?.similarity).toBeCloseTo(Math.cos(Math.PI / 18))
  expect(texts.nearest('c', at(0), 0)).toEqual([])
})

test('what is deleted or replaced is not found any more', () => {
  const texts = new NearestTexts({ maxEntries: 9, maxPerGroup: 9 })
  texts.add(textAt('moved', 0))
  texts.add(textAt('gone', 0))

  texts.add(textAt('moved', 90, 'b'))
  texts.delete('gone')

  expect(texts.nearest('a', at(0), 0.5)).toEqual([])
  expect(texts.size).toBe(1)
})

test('of all texts, what was not used for longest goes first', () => {
  const texts = new NearestTexts({ maxEntries: 2, maxPerGroup: 9 })
  texts.add(textAt('used', 0))
  texts.add(textAt('unused', 1))

  texts.use('used')
  texts.add(textAt('new', 2))

  expect(texts.nearest('a', at(0), 0).map(({ key }) => key)).toEqual(['used', 'new'])
})

test('memory is bounded in all and per group, whatever is added and deleted', () => {
  const action = fc.record({
    key: fc.nat(30),
    group: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('add', 'use', 'delete'),
  })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const texts = new NearestTexts({ maxEntries: 6, maxPerGroup: 3 })
      for (const { key, group, what } of actions) {
        if (what === 'add') texts.add(textAt(String(key), 0, group))
        else if (what === 'use') texts.use(String(key))
        else texts.delete(String(key))
      }

      const found = ['a', 'b', 'c'].map((group) => texts.nearest(group, at(0), 0).length)
      expect(Math.max(...found)).toBeLessThanOrEqual(3)
      expect(found.reduce((sum, count) => sum + count, 0)).toBe(texts.size)
      expect(texts.size).toBeLessThanOrEqual(6)
    }),
  )
})
