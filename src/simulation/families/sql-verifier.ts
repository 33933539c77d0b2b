import type { Random } from '../../kernel/random.ts'
import type { TaskVerifier } from '../../kernel/task.ts'
import { wholeNumber } from './word-lists.ts'

export type TableRow = Readonly<Record<string, string | number>>

/** Rows with a column of different numbers, so that an order by it has no ties. */
export function distinctNumbers(count: number, random: Random): readonly number[] {
  const numbers = new Set<number>()
  while (numbers.size < count) numbers.add(wholeNumber(random, 3, 970))
  return [...numbers]
}

/** A table made of the rows, and the rows that a right query gives. */
export function sqlVerifier(
  table: string,
  rows: readonly TableRow[],
  expectedRows: readonly (readonly (string | number)[])[],
): TaskVerifier {
  const columns = Object.keys(rows[0] ?? {})
  const types = columns.map(
    (column) => `${column} ${typeof rows[0]?.[column] === 'number' ? 'INTEGER' : 'TEXT'}`,
  )
  const values = rows.map((row) => `(${columns.map((column) => literal(row[column])).join(', ')})`)
  const setup = `CREATE TABLE ${table} (${types.join(', ')}); INSERT INTO ${table} VALUES ${values.join(', ')};`
  return { type: 'unit-tests', language: 'sql', setup, expectedRows }
}

function literal(value: string | number | undefined): string {
  return typeof value === 'number' ? String(value) : `'${value ?? ''}'`
}
