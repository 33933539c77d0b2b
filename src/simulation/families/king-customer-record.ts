import { pick } from '../../kernel/random.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { city, fullName, misspell, reference } from './word-lists.ts'

const plans = ['basic', 'plus', 'gold', 'team', 'office', 'premium', 'starter', 'family']

export const kingCustomerRecord = createTemplatedFamily({
  name: 'customer-record',
  agent: 'king',
  expectation: 'learnable',
  weight: 0.35,
  format: 'text',
  phrasings: [
    'Make one CSV line (id,name,city,plan) of this customer: Name: {name}; City: {city}; Plan: {plan}; Id: {id}',
    'Customer card to a CSV line, order id,name,city,plan.\nName: {name}\nCity: {city}\nPlan: {plan}\nId: {id}',
    'For the CRM upload we need id,name,city,plan in one CSV line: name {name}, city {city}, plan {plan}, id {id}',
    'Please reshape this customer to CSV as id,name,city,plan: {name} / {city} / {plan} / {id}',
  ],
  patterns: { plan: '\\w+', id: '[A-Z]{2}-\\d{4}', city: '\\w+', name: '\\w+ \\w+' },
  values: (random) => ({
    name: fullName(random),
    city: city(random),
    plan: pick(plans, random),
    id: reference(random),
  }),
  answer: ({ name, city: town, plan, id }) => `${id},${name},${town},${plan}`,
  spoil: (answer, random) => {
    const [id = '', name = '', town = '', plan = ''] = answer.split(',')
    return random() < 0.5
      ? `${id},${town},${name},${plan}`
      : `${id},${misspell(name, random)},${town},${plan}`
  },
})
