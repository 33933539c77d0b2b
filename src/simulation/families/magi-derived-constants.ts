import { pick } from '../../kernel/random.ts'
import { assertion, functionName } from './function-names.ts'
import { createTemplate, readAny } from './template.ts'
import type { Slots } from './template.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { wholeNumber } from './word-lists.ts'

type Scenario = {
  readonly text: string
  /** The one number that stands in the code, worked out from the numbers of the text. */
  constant(numbers: Readonly<Record<'a' | 'b' | 'c' | 'd', number>>): number
}

const scenarios: readonly Scenario[] = [
  {
    text: 'a truck holds {a} pallets of {b} cartons with {c} jars each, less {d} jars for samples',
    constant: ({ a, b, c, d }) => a * b * c - d,
  },
  {
    text: 'a shift packs {a} boxes per hour for {b} hours, then {c} more per hour for {d} hours',
    constant: ({ a, b, c, d }) => a * b + (a + c) * d,
  },
  {
    text: 'a crew lays {a} rows of {b} tiles before noon and {c} rows of {d} tiles after it',
    constant: ({ a, b, c, d }) => a * b + c * d,
  },
  {
    text: 'a tank starts with {a} times {b} litres, loses {c} litres and gains {d} times {c} litres',
    constant: ({ a, b, c, d }) => a * b - c + d * c,
  },
]
const numberPatterns = { a: '\\d+', b: '\\d+', c: '\\d+', d: '\\d+' }
const templates = scenarios.map(({ text }) => createTemplate(text, numberPatterns))

/** The constant is arithmetic over four numbers and stands nowhere in the text. */
export const magiDerivedConstants = createTemplatedFamily({
  name: 'derived-constants',
  agent: 'magi',
  expectation: 'unlearnable',
  weight: 0.15,
  format: 'code',
  phrasings: [
    'Write a JavaScript function {name}(days) for this plan: {scenario}, every day. It gives the sum for all days, with the daily figure worked out as one constant.',
    'Implement {name}(days) in JavaScript; the function multiplies days by one constant, the daily figure: {scenario}.',
    'JavaScript function {name}(days), no sums in the code but one figure per day. The day goes like this: {scenario}.',
    'Please implement the function {name}(days) in JavaScript with a single number in it. Per day {scenario}.',
  ],
  innerTemplates: scenarios.map(({ text }) => text),
  patterns: { name: '\\w+', scenario: 'a [a-z0-9 ,]+?' },
  values: (random) => ({
    name: functionName(random),
    scenario: pick(templates, random).fill({
      a: String(wholeNumber(random, 12, 48)),
      b: String(wholeNumber(random, 12, 48)),
      c: String(wholeNumber(random, 12, 48)),
      d: String(wholeNumber(random, 12, 48)),
    }),
  }),
  answer: (slots) => {
    const constant = constantOf(slots)
    return constant === null
      ? null
      : `function ${slots['name']}(days) { return days * ${constant}; }`
  },
  spoil: (answer, random) =>
    answer.replace(/(\d+);/, (_, number: string) => {
      return `${Number(number) + wholeNumber(random, 1, 9) * 10};`
    }),
  verifier: (slots) => {
    const constant = constantOf(slots) ?? 0
    const tests = [1, 3, 11]
      .map((days) => assertion(`${slots['name']}(${days})`, days * constant))
      .join('\n')
    return { type: 'unit-tests', language: 'javascript', tests }
  },
})

function constantOf(slots: Slots): number | null {
  const reading = readAny(templates, slots['scenario'] ?? '')
  if (reading === null) return null
  const { a, b, c, d } = reading.slots
  const numbers = { a: Number(a), b: Number(b), c: Number(c), d: Number(d) }
  return scenarios[reading.index]?.constant(numbers) ?? null
}
