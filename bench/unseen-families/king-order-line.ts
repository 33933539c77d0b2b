import { pick } from '../../src/kernel/random.ts'
import { createTemplatedFamily } from '../../src/simulation/families/templated-family.ts'
import { misspell, product, reference, surname } from '../../src/simulation/families/word-lists.ts'

const carriers = ['post', 'courier', 'pickup', 'freight', 'bike']

export const kingOrderLine = createTemplatedFamily({
  name: 'order-line',
  agent: 'king',
  expectation: 'learnable',
  weight: 0.5,
  format: 'text',
  phrasings: [
    'Boil this confirmation down to order|customer|item|carrier: Dear {customer}, your order {order} of a {item} leaves by {carrier}.',
    'We log orders as order|customer|item|carrier. Log this: {order}, a {item} for {customer}, sent by {carrier}.',
    'Pipe line please (order|customer|item|carrier). Hello {customer}, the {item} from order {order} goes out by {carrier} soon.',
    'Shorten for the warehouse screen to order|customer|item|carrier: by {carrier} to {customer}: {item}, number {order}.',
  ],
  patterns: { customer: '\\w+', order: '[A-Z]{2}-\\d{4}', item: '\\w+ \\w+', carrier: '\\w+' },
  values: (random) => ({
    customer: surname(random),
    order: reference(random),
    item: product(random),
    carrier: pick(carriers, random),
  }),
  answer: ({ customer, order, item, carrier }) => `${order}|${customer}|${item}|${carrier}`,
  spoil: (answer, random) => {
    const [order = '', customer = '', item = '', carrier = ''] = answer.split('|')
    return random() < 0.5
      ? `${order}|${item}|${customer}|${carrier}`
      : `${order}|${misspell(customer, random)}|${item}|${carrier}`
  },
})
