import fc from 'fast-check'
import { expect, test } from 'vitest'
import { positionOfJsonError } from './json-error-position.ts'

test.each([
  ['', 0],
  ['{', 1],
  ['{"a" 1}', 5],
  ['{"a":1,}', 7],
  ['{a:1}', 1],
  ['[1,]', 3],
  ['[1 2]', 3],
  ['[1}', 2],
  ['{"a":1]', 6],
  ['{"a":tru}', 5],
  ['"line\nbreak"', 5],
  ['"\\x"', 2],
  ['"open', 5],
  ['{} {}', 3],
  ['[01]', 2],
])('finds where %j stops being JSON', (text, offset) => {
  expect(positionOfJsonError(text)?.offset).toBe(offset)
})

test('finds no error exactly where JSON.parse finds none', () => {
  const almostJson = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', ':', '\\', '0', 'e', ' '))
    .map(([text, at, added]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + added + text.slice(place + (at % 2))
    })

  fc.assert(
    fc.property(fc.oneof(fc.json(), almostJson, fc.string()), (text) => {
      let valid = true
      try {
        JSON.parse(text)
      } catch {
        valid = false
      }

      expect(positionOfJsonError(text) === null).toBe(valid)
    }),
    { seed: 1, numRuns: 2000 },
  )
})
