import { pick } from '../../kernel/random.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { company, distinct, wholeNumber } from './word-lists.ts'

/** Needs the order of two numbers, digit by digit: some of it can be learnt. */
export const sageCompareFacts = createTemplatedFamily({
  name: 'compare-facts',
  agent: 'sage',
  expectation: 'between',
  weight: 0.15,
  format: 'text',
  phrasings: [
    'Compare the two firms and name the {side} one: {first} employs {firstCount} people, {second} employs {secondCount}.',
    'Compare staff. {first}: {firstCount}. {second}: {secondCount}. Which firm is the {side} one?',
    'For our market study: {first} counts {firstCount} staff and {second} {secondCount}. Name the {side} firm.',
    'Compare {first} ({firstCount} staff) with {second} ({secondCount} staff); answer with the {side} one.',
  ],
  patterns: {
    side: 'larger|smaller',
    first: '\\w+',
    second: '\\w+',
    firstCount: '\\d+',
    secondCount: '\\d+',
  },
  values: (random) => {
    const [first = '', second = ''] = distinct(2, company, random)
    const [firstCount = '', secondCount = ''] = distinct(
      2,
      (source) => String(wholeNumber(source, 12, 980)),
      random,
    )
    return { side: pick(['larger', 'smaller'], random), first, second, firstCount, secondCount }
  },
  answer: ({ side, first = '', second = '', firstCount, secondCount }) =>
    Number(firstCount) > Number(secondCount) === (side === 'larger') ? first : second,
  spoil: (_answer, random) => company(random),
})
