import initSqlJs from 'sql.js'
import type { SqlJsStatic } from 'sql.js'
import type { CodeRunResult } from '../kernel/code-runner.ts'

export type SqlCheck = {
  readonly setup: string
  readonly expectedRows: readonly (readonly (string | number | null)[])[]
}

let sqlite: Promise<SqlJsStatic> | undefined

/**
 * Runs one SELECT (or WITH … SELECT) on an in-memory SQLite compiled to WebAssembly and compares
 * the rows in order. There is no interrupt here: the caller ends the worker on overrun.
 */
export async function runSql(
  query: string,
  check: SqlCheck,
  memoryBytes: number,
): Promise<CodeRunResult> {
  const bare = withoutComments(query).trim()
  if (!/^(select|with)\b/i.test(bare)) {
    return { passed: false, reason: 'only one SELECT or WITH statement is run' }
  }
  sqlite ??= initSqlJs()
  const { Database } = await sqlite
  const database = new Database()
  try {
    database.exec(`PRAGMA hard_heap_limit=${memoryBytes}`)
    database.exec(check.setup)
    database.exec('PRAGMA query_only=1')
    const rows: unknown[][] = []
    let statements = 0
    for (const statement of database.iterateStatements(query)) {
      statements += 1
      if (statements > 1) return { passed: false, reason: 'more than one statement' }
      while (statement.step()) {
        rows.push(statement.get())
        if (rows.length > check.expectedRows.length) break
      }
    }
    return compareRows(rows, check.expectedRows)
  } catch (error) {
    return { passed: false, reason: `the query failed: ${(error as Error).message}` }
  } finally {
    database.close()
  }
}

function withoutComments(query: string): string {
  return query.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
}

function compareRows(
  rows: readonly unknown[][],
  expected: SqlCheck['expectedRows'],
): CodeRunResult {
  if (rows.length > expected.length) {
    return { passed: false, reason: `more than the ${expected.length} rows expected` }
  }
  if (rows.length < expected.length) {
    return { passed: false, reason: `${rows.length} of ${expected.length} rows` }
  }
  const wrong = expected.findIndex((row, index) => !equalRows(rows[index] ?? [], row))
  return wrong === -1 ? { passed: true } : { passed: false, reason: `row ${wrong + 1} differs` }
}

function equalRows(
  row: readonly unknown[],
  expected: readonly (string | number | null)[],
): boolean {
  return (
    row.length === expected.length &&
    expected.every((value, index) => equalValues(row[index], value))
  )
}

/** Sums of floating-point numbers depend on the order in which SQLite adds them. */
function equalValues(value: unknown, expected: string | number | null): boolean {
  if (typeof value === 'number' && typeof expected === 'number') {
    return Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(value), Math.abs(expected))
  }
  return value === expected
}
