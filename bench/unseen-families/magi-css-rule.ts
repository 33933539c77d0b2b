import { pick } from '../../src/kernel/random.ts'
import { createTemplatedFamily } from '../../src/simulation/families/templated-family.ts'
import { surname, wholeNumber } from '../../src/simulation/families/word-lists.ts'

const colours = 'navy teal maroon olive coral indigo crimson orchid tomato sienna plum khaki'.split(
  ' ',
)

export const magiCssRule = createTemplatedFamily({
  name: 'css-rule',
  agent: 'magi',
  expectation: 'learnable',
  weight: 0.5,
  format: 'code',
  phrasings: [
    'Implement the CSS for class {name}: {colour} text, {gap}px padding.',
    'Debug our page: elements of class {name} lack padding of {gap}px and {colour} text. CSS rule?',
    'Implement a stylesheet rule, class {name}, text in {colour}, padding {gap}px',
    'CSS rule to implement: {gap}px padding and {colour} text on .{name}',
  ],
  patterns: { name: '[a-z]+-[a-z]+', colour: '\\w+', gap: '\\d+' },
  values: (random) => ({
    name: `${surname(random).toLowerCase()}-${pick(['card', 'menu', 'tile', 'note', 'head', 'link'], random)}`,
    colour: pick(colours, random),
    gap: String(wholeNumber(random, 2, 64)),
  }),
  answer: ({ name, colour, gap }) => `.${name} { color: ${colour}; padding: ${gap}px; }`,
  spoil: (answer, random) =>
    answer.replace(/(\d+)px/, (_, gap: string) => `${Number(gap) + wholeNumber(random, 1, 9)}px`),
})
