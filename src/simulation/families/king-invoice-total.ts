import type { Random } from '../../kernel/random.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { product, wholeNumber } from './word-lists.ts'

/** Sums of three to six products: nothing in the text can be copied. */
export const kingInvoiceTotal = createTemplatedFamily({
  name: 'invoice-total',
  agent: 'king',
  expectation: 'unlearnable',
  weight: 0.15,
  format: 'text',
  phrasings: [
    'What is the total of this invoice in euros? {lines}',
    'Add up the order and give only the total: {lines}',
    'Please check the bill, what do we owe altogether? {lines}',
    'Total amount due for these positions, number only.\n{lines}',
  ],
  innerTemplates: ['{quantity} {product} at {price}'],
  patterns: { lines: '\\d+ [a-z ]+ at \\d+\\.\\d\\d(?:; \\d+ [a-z ]+ at \\d+\\.\\d\\d)+' },
  values: (random) => ({
    lines: Array.from({ length: wholeNumber(random, 3, 6) }, () => invoiceLine(random)).join('; '),
  }),
  answer: ({ lines = '' }) => {
    let cents = 0
    for (const line of lines.split('; ')) {
      const [quantity = '0', price = '0'] = line.match(/\d+(?:\.\d+)?/g) ?? []
      cents += Number(quantity) * Math.round(Number(price) * 100)
    }
    return (cents / 100).toFixed(2)
  },
  spoil: (answer, random) => (Number(answer) + wholeNumber(random, 1, 9) * 10).toFixed(2),
})

function invoiceLine(random: Random): string {
  const price = (wholeNumber(random, 105, 19999) / 100).toFixed(2)
  return `${wholeNumber(random, 2, 19)} ${product(random)} at ${price}`
}
