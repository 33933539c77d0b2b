import { expect, test } from 'vitest'
import { optionSignalNames, optionSignals } from './option-signals.ts'

const prompt = 'How many lamps are needed?\nA. 6 lamps\nB. 2 lamps\nC. none of them'

function signals(result: string | null, working: string): Record<string, number> {
  const values = optionSignals(prompt, result, working)
  return Object.fromEntries(optionSignalNames.map((name, at) => [name, values[at] ?? Number.NaN]))
}

test('an answer that worked towards the option it chose shows it', () => {
  const fits = signals('B', 'It takes 600 lumens at 300 each, which is 2 lamps: 2')
  const fitsNot = signals('A', 'It takes 600 lumens at 300 each, which is 2 lamps: 2')

  expect(fits).toMatchObject({
    'the option stands in the working': 1,
    'the option ends the working': 1,
  })
  expect(fitsNot).toMatchObject({
    'the option stands in the working': 0,
    'the option ends the working': 0,
    'options that stand in the working': 1,
  })
})

test('which option was chosen is told, because models prefer some', () => {
  expect(signals('c', '')).toMatchObject({ 'which option': 3 })
})

test('a result that is none of the options says nothing', () => {
  expect(new Set(Object.values(signals('J', '2 lamps')))).toEqual(new Set([0]))
  expect(new Set(Object.values(signals(null, '2 lamps')))).toEqual(new Set([0]))
  expect(new Set(optionSignals('What is 2 + 2?', '4', '4'))).toEqual(new Set([0]))
})
