import { StoreError } from '../kernel/errors.ts'

/** A database failure in a form that crosses threads. */
export type StoreFailure = { readonly message: string; readonly retryable: boolean }

type SqliteError = Error & { readonly errcode: number }

const advice: Readonly<Record<number, { readonly message: string; readonly retryable: boolean }>> =
  {
    5: { message: 'Another process holds the database', retryable: true },
    6: { message: 'Another connection holds the table', retryable: true },
    8: { message: 'The database is read-only', retryable: false },
    10: { message: 'The disk failed to read or write the database', retryable: true },
    11: { message: 'The database file is damaged; restore a backup', retryable: false },
    13: { message: 'The disk or the database is full; make room', retryable: true },
    14: { message: 'The database file cannot be opened', retryable: false },
    19: { message: 'The record breaks a rule of its table', retryable: false },
    26: { message: 'The file is not a database', retryable: false },
  }

/** The lower byte of SQLite's extended code is the kind of failure: https://sqlite.org/rescode.html */
export function describeFailure(error: unknown): StoreFailure {
  if (!(error instanceof Error)) return { message: String(error), retryable: false }
  if (!isSqliteError(error)) return { message: error.message, retryable: false }
  const known = advice[error.errcode & 0xff]
  if (known === undefined) return { message: error.message, retryable: false }
  return { message: `${known.message} (${error.message})`, retryable: known.retryable }
}

export function storeErrorFrom(failure: StoreFailure, cause?: unknown): StoreError {
  return new StoreError(failure.message, { retryable: failure.retryable, cause })
}

function isSqliteError(error: Error): error is SqliteError {
  return 'errcode' in error && typeof error.errcode === 'number'
}
