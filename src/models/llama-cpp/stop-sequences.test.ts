import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStopFilter } from './stop-sequences.ts'

function filtered(pieces: readonly string[], stops: readonly string[]) {
  const filter = createStopFilter(stops)
  let shown = ''
  for (const piece of pieces) {
    const { text, stopped } = filter.add(piece)
    shown += text
    if (stopped) return { shown, stopped: true }
  }
  return { shown: shown + filter.rest(), stopped: false }
}

test('the text ends before the first stop sequence, wherever the pieces are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 }), {
        maxLength: 12,
      }),
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 }), {
        maxLength: 3,
      }),
      (pieces, stops) => {
        const { shown, stopped } = filtered(pieces, stops)

        const whole = pieces.join('')
        const places = stops.map((stop) => whole.indexOf(stop)).filter((place) => place >= 0)
        expect(stopped).toBe(places.length > 0)
        expect(shown).toBe(whole.slice(0, Math.min(whole.length, ...places)))
      },
    ),
    { seed: 3 },
  )
})

test('text that may become a stop sequence is held back until it is clear', () => {
  const filter = createStopFilter(['END'])

  expect(filter.add('the E')).toEqual({ text: 'the ', stopped: false })
  expect(filter.add('N')).toEqual({ text: '', stopped: false })
  expect(filter.add('GINE')).toEqual({ text: 'ENGIN', stopped: false })
  expect(filter.rest()).toBe('E')
})
