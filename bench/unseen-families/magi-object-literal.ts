import { pick } from '../../src/kernel/random.ts'
import { assertion } from '../../src/simulation/families/function-names.ts'
import { createTemplatedFamily } from '../../src/simulation/families/templated-family.ts'
import { city, misspell, surname, wholeNumber } from '../../src/simulation/families/word-lists.ts'

const things = 'guest driver seller member tenant pilot student doctor vendor patient'.split(' ')

export const magiObjectLiteral = createTemplatedFamily({
  name: 'object-literal',
  agent: 'magi',
  expectation: 'learnable',
  weight: 0.5,
  format: 'code',
  phrasings: [
    'Implement a fixture: const {thing} with last {last}, home {home}, age {age} (JS object).',
    'JS object for the debug page: the {thing} is {last}, {age} years, home {home}. const {thing}, keys last, home, age.',
    'Implement as a JS const {thing} with keys last, home, age: {last} lives in {home} and is {age}.',
    'To debug I need const {thing} in JS (last, home, age): {age} year old {last} of {home}',
  ],
  patterns: { thing: '\\w+', last: '\\w+', home: '\\w+', age: '\\d+' },
  values: (random) => ({
    thing: pick(things, random),
    last: surname(random),
    home: city(random),
    age: String(wholeNumber(random, 18, 93)),
  }),
  answer: ({ thing, last, home, age }) =>
    `const ${thing} = { last: '${last}', home: '${home}', age: ${age} };`,
  spoil: (answer, random) =>
    random() < 0.5
      ? answer.replace(/age: (\d+)/, (_, age: string) => `age: ${Number(age) + 1}`)
      : answer.replace(/last: '(\w+)'/, (_, last: string) => `last: '${misspell(last, random)}'`),
  verifier: ({ thing, last = '', home = '', age }) => ({
    type: 'unit-tests',
    language: 'javascript',
    tests: [
      assertion(`${thing}.last`, last),
      assertion(`${thing}.home`, home),
      assertion(`${thing}.age`, Number(age)),
    ].join('\n'),
  }),
})
