import { pick } from '../../kernel/random.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { company, pickOther, wholeNumber } from './word-lists.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export const kingContractDates = createTemplatedFamily({
  name: 'contract-dates',
  agent: 'king',
  expectation: 'between',
  weight: 0.15,
  format: 'json',
  phrasings: [
    'Put this contract into JSON, dates as ISO: client {client}, from {start}, until {end}',
    'Contract with {client}, runs {start} to {end}. JSON with client, from, until; ISO dates.',
    'File this agreement as JSON with ISO dates.\nClient: {client}\nFrom: {start}\nUntil: {end}',
    'We signed {client} for {start} to {end}; give client, from and until as JSON (ISO dates).',
  ],
  patterns: { client: '\\w+ \\w+', start: '\\d{2} \\w{3} \\d{4}', end: '\\d{2} \\w{3} \\d{4}' },
  values: (random) => {
    const year = wholeNumber(random, 2019, 2034)
    const date = (inYear: number): string =>
      `${String(wholeNumber(random, 1, 28)).padStart(2, '0')} ${pick(months, random)} ${inYear}`
    return {
      client: `${company(random)} ${pick(['Ltd', 'GmbH', 'Inc', 'AG'], random)}`,
      start: date(year),
      end: date(year + wholeNumber(random, 1, 5)),
    }
  },
  answer: ({ client = '', start = '', end = '' }) =>
    JSON.stringify({ client, from: isoDate(start), until: isoDate(end) }),
  spoil: (answer, random) => {
    const right = JSON.parse(answer) as { until: string }
    const month = right.until.slice(5, 7)
    const numbers = months.map((_, index) => String(index + 1).padStart(2, '0'))
    const until = right.until.replace(/-\d\d-/, `-${pickOther(numbers, month, random)}-`)
    return JSON.stringify({ ...right, until })
  },
})

function isoDate(text: string): string {
  const [day, month = '', year] = text.split(' ')
  return `${year}-${String(months.indexOf(month) + 1).padStart(2, '0')}-${day}`
}
