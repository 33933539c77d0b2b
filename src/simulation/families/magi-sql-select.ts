import { pick } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'
import { distinctNumbers, sqlVerifier } from './sql-verifier.ts'
import type { TableRow } from './sql-verifier.ts'
import type { Slots } from './template.ts'
import { createTemplatedFamily } from './templated-family.ts'
import { city, pickOther, wholeNumber } from './word-lists.ts'

const tables =
  'clients trips parcels bookings drivers machines tickets suppliers courses gardens boats guests farms repairs visits sensors wagons stores teams parks'.split(
    ' ',
  )
const shownColumns = 'name title code label email phone owner brand'.split(' ')
const matchedColumns = 'city town region depot office station'.split(' ')
const orderColumns = 'price weight stock rating age hours distance points'.split(' ')
const directions = ['highest', 'lowest'] as const

export const magiSqlSelect = createTemplatedFamily({
  name: 'sql-select',
  agent: 'magi',
  expectation: 'learnable',
  weight: 0.35,
  format: 'code',
  phrasings: [
    'Write an SQL query: {shown} of {table} with {matched} {value}, {direction} {order} first, {limit} rows.',
    "SQL query please: from {table} take {shown} where {matched} is '{value}', {direction} {order} first, limit {limit}.",
    'I need one SQL query for the {limit} {table} in {matched} {value} with the {direction} {order}; show {shown}.',
    'Give me the SQL query only. Table {table}, column {shown}, {matched} = {value}, {direction} {order} on top, {limit} rows.',
  ],
  patterns: {
    shown: '\\w+',
    table: '\\w+',
    matched: '\\w+',
    value: '\\w+',
    direction: 'highest|lowest',
    order: '\\w+',
    limit: '\\d+',
  },
  values: (random) => ({
    table: pick(tables, random),
    shown: pick(shownColumns, random),
    matched: pick(matchedColumns, random),
    value: city(random),
    order: pick(orderColumns, random),
    direction: pick(directions, random),
    limit: String(wholeNumber(random, 2, 20)),
  }),
  answer: ({ shown, table, matched, value, order, direction, limit }) =>
    `SELECT ${shown} FROM ${table} WHERE ${matched} = '${value}' ORDER BY ${order}${direction === 'highest' ? ' DESC' : ''} LIMIT ${limit}`,
  spoil: (answer, random) => {
    if (random() < 0.4) return answer.replace(/'(\w+)'/, (_, value: string) => `'${value}s'`)
    if (random() < 0.5) {
      return answer.includes(' DESC')
        ? answer.replace(' DESC', '')
        : answer.replace(' LIMIT', ' DESC LIMIT')
    }
    const shown = /^SELECT (\w+)/.exec(answer)?.[1] ?? ''
    return answer.replace(shown, pickOther(shownColumns, shown, random))
  },
  verifier: (slots, random) => {
    const limit = Number(slots['limit'])
    const rows = tableRows(slots, limit + 3, random)
    const ordered = rows
      .filter((row) => row['matched'] === slots['value'])
      .toSorted((a, b) => Number(a['order']) - Number(b['order']))
    if (slots['direction'] === 'highest') ordered.reverse()
    const named = rows.map((row) => ({
      id: row['id'] ?? 0,
      [slots['shown'] ?? '']: row['shown'] ?? '',
      [slots['matched'] ?? '']: row['matched'] ?? '',
      [slots['order'] ?? '']: row['order'] ?? 0,
    }))
    const expected = ordered.slice(0, limit).map((row) => [row['shown'] ?? ''])
    return sqlVerifier(slots['table'] ?? '', named, expected)
  },
})

/** Every third row belongs to another value, so that a query without the condition fails. */
function tableRows(slots: Slots, matching: number, random: Random): readonly TableRow[] {
  const count = Math.ceil(matching * 1.5)
  const numbers = distinctNumbers(count, random)
  return numbers.map((order, index) => ({
    id: index + 1,
    shown: `${slots['shown']}-${index + 1}`,
    matched: index % 3 === 2 ? 'Elsewhere' : (slots['value'] ?? ''),
    order,
  }))
}
