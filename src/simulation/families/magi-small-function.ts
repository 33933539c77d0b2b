import { pick } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'
import { argumentName, assertion, functionName } from './function-names.ts'
import { createTemplate, readAny } from './template.ts'
import type { Slots } from './template.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { misspell, surname, wholeNumber } from './word-lists.ts'

type Behaviour = {
  readonly description: string
  body(slots: Slots): string
  /** What the function gives for each input, as JavaScript literals. */
  results(slots: Slots): readonly (readonly [string, string | number | boolean])[]
}

const behaviours: readonly Behaviour[] = [
  {
    description: 'multiplies {argument} by {number}',
    body: ({ argument, number }) => `${argument} * ${number}`,
    results: ({ number }) => [1, 7, -3].map((input) => [`${input}`, input * Number(number)]),
  },
  {
    description: 'adds {number} to {argument}',
    body: ({ argument, number }) => `${argument} + ${number}`,
    results: ({ number }) => [0, 5, -2].map((input) => [`${input}`, input + Number(number)]),
  },
  {
    description: 'tells whether {argument} is above {number}',
    body: ({ argument, number }) => `${argument} > ${number}`,
    results: ({ number }) => [-1, 0, 1].map((offset) => [`${Number(number) + offset}`, offset > 0]),
  },
  {
    description: "puts '{word}' before {argument}",
    body: ({ argument, word }) => `'${word}' + ${argument}`,
    results: ({ word }) => ['a', 'left 7'].map((input) => [`'${input}'`, `${word}${input}`]),
  },
  {
    description: "puts '{word}' after {argument}",
    body: ({ argument, word }) => `${argument} + '${word}'`,
    results: ({ word }) => ['a', 'left 7'].map((input) => [`'${input}'`, `${input}${word}`]),
  },
  {
    description: "tells whether {argument} contains '{word}'",
    body: ({ argument, word }) => `${argument}.includes('${word}')`,
    results: ({ word }) => [
      [`'x ${word} y'`, true],
      [`'${word}'`, true],
      [`'other'`, false],
    ],
  },
]
const patterns = { argument: '\\w+', number: '\\d+', word: '\\w+', name: '\\w+' }
const descriptions = behaviours.map(({ description }) => createTemplate(description, patterns))

export const magiSmallFunction = createTemplatedFamily({
  name: 'small-function',
  agent: 'magi',
  expectation: 'learnable',
  weight: 0.35,
  format: 'code',
  phrasings: [
    'Write a JavaScript function {name}({argument}) that {behaviour}.',
    'Implement the function {name}({argument}) in JavaScript: it {behaviour}.',
    'JavaScript function {name} with the argument {argument} that {behaviour}; code only.',
    'We miss a function {name}({argument}) in our JavaScript. It {behaviour}. Please implement it.',
  ],
  innerTemplates: behaviours.map(({ description }) => description),
  patterns,
  values: (random) => {
    const slots = {
      name: functionName(random),
      argument: argumentName(random),
      number: String(wholeNumber(random, 2, 999)),
      word: surname(random).toLowerCase(),
    }
    return { ...slots, behaviour: pick(descriptions, random).fill(slots) }
  },
  answer: (slots) => {
    const reading = readAny(descriptions, slots['behaviour'] ?? '')
    if (reading === null || reading.slots['argument'] !== slots['argument']) return null
    const body = behaviours[reading.index]?.body(reading.slots)
    return `function ${slots['name']}(${slots['argument']}) { return ${body}; }`
  },
  spoil: spoilFunction,
  verifier: (slots) => {
    const reading = readAny(descriptions, slots['behaviour'] ?? '')
    const results = behaviours[reading?.index ?? 0]?.results(reading?.slots ?? {}) ?? []
    const tests = results
      .map(([input, wanted]) => assertion(`${slots['name']}(${input})`, wanted))
      .join('\n')
    return { type: 'unit-tests', language: 'javascript', tests }
  },
})

/** Another number, or another word, in the returned expression. */
function spoilFunction(answer: string, random: Random): string {
  const wrongNumber = answer.replace(/(\D)(\d+);/, (_, before: string, number: string) => {
    return `${before}${Number(number) + wholeNumber(random, 1, 9)};`
  })
  if (wrongNumber !== answer) return wrongNumber
  return answer.replace(/'(\w+)'/, (_, word: string) => `'${misspell(word, random)}'`)
}
