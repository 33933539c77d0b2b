import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'

/** `process` survives the death of the process, `power` also a power cut. */
type Durability = 'process' | 'power'

export type SqliteSettings = {
  readonly path: string
  readonly durability: Durability
  /** The database never grows beyond this; undefined means as large as the disk allows. */
  readonly maxSizeBytes?: number | undefined
}

const pageSizeBytes = 4096
const busyTimeoutMs = 5_000
/** 16 MiB: at the default of 4 MiB a busy village writes the same pages several times a second. */
const checkpointPages = 4096

export function openForWriting(settings: SqliteSettings): DatabaseSync {
  const database = new DatabaseSync(settings.path, { timeout: busyTimeoutMs })
  database.exec(`pragma page_size = ${pageSizeBytes}`)
  database.exec('pragma journal_mode = wal')
  database.exec(`pragma wal_autocheckpoint = ${checkpointPages}`)
  database.exec(`pragma synchronous = ${settings.durability === 'power' ? 'full' : 'normal'}`)
  if (settings.maxSizeBytes !== undefined) {
    database.exec(`pragma max_page_count = ${Math.floor(settings.maxSizeBytes / pageSizeBytes)}`)
  }
  return database
}

export function openForReading(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
}

/** Kysely over `node:sqlite`: its SQLite dialect speaks to the shape of better-sqlite3. */
export function kyselyOver<Tables>(database: DatabaseSync): Kysely<Tables> {
  const statements = new StatementCache(database)
  return new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => {
          database.close()
        },
        prepare: (text) => statementOf(statements.prepare(text)),
      },
    }),
  })
}

type KyselyStatement = {
  readonly reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): {
    changes: number | bigint
    lastInsertRowid: number | bigint
  }
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>
}

function statementOf(statement: StatementSync): KyselyStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as readonly SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as readonly SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as readonly SQLInputValue[])),
  }
}

/** Preparing costs more than running for the short reads of the request path. */
class StatementCache {
  static readonly #capacity = 100
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  prepare(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const statement = this.#database.prepare(text)
    const oldest = this.#statements.keys().next()
    if (this.#statements.size >= StatementCache.#capacity && oldest.done !== true) {
      this.#statements.delete(oldest.value)
    }
    this.#statements.set(text, statement)
    return statement
  }
}
