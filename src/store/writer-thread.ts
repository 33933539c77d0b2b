import { parentPort, workerData } from 'node:worker_threads'
import type { VillageTables } from './database.ts'
import {
  commitGroup,
  type GroupResult,
  journalKey,
  type PreparedStatements,
} from './commit-group.ts'
import { migrateToNewest } from './migrate.ts'
import { kyselyOver, openForWriting, type SqliteSettings } from './sqlite-connection.ts'
import { describeFailure, type StoreFailure } from './store-failure.ts'
import { callOfText } from './write-call-text.ts'
import { compileWriteStatements } from './write-statements.ts'

export type ToWriter =
  /** Calls as text, which crosses threads at a third of what nested values cost. */
  | { readonly type: 'group'; readonly calls: readonly string[]; readonly segment: number | null }
  | { readonly type: 'close' }

export type FromWriter =
  /** `written` is the last segment of the journal that the database has. */
  | { readonly type: 'ready'; readonly written: number }
  | { readonly type: 'unusable'; readonly failure: StoreFailure }
  | ({ readonly type: 'results' } & GroupResult)

if (parentPort !== null) {
  const port = parentPort
  const tell = (message: FromWriter): void => {
    port.postMessage(message)
  }
  try {
    await serve(workerData as SqliteSettings, tell)
  } catch (error) {
    tell({ type: 'unusable', failure: describeFailure(error) })
    port.close()
  }
}

async function serve(settings: SqliteSettings, tell: (message: FromWriter) => void): Promise<void> {
  const database = openForWriting(settings)
  const kysely = kyselyOver<VillageTables>(database)
  // As one transaction: a process killed half-way leaves the form that it found.
  database.exec('begin immediate')
  await migrateToNewest(kysely)
  database.exec('commit')
  const statements = Object.fromEntries(
    Object.entries(compileWriteStatements(kysely)).map(([name, text]) => [
      name,
      database.prepare(text),
    ]),
  ) as PreparedStatements
  parentPort?.on('message', (message: ToWriter) => {
    if (message.type === 'group') {
      const calls = message.calls.map(callOfText)
      tell({ type: 'results', ...commitGroup(database, statements, calls, message.segment) })
      return
    }
    database.close()
    parentPort?.close()
  })
  const noted = database.prepare('select value from states where key = ?').get(journalKey)
  tell({ type: 'ready', written: Number(noted?.['value'] ?? 0) })
}
