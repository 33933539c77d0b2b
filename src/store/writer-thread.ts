import { parentPort, workerData } from 'node:worker_threads'
import type { VillageTables } from './database.ts'
import {
  commitGroup,
  type PreparedStatements,
  type WriteCall,
  type WriteResult,
} from './commit-group.ts'
import { migrateToNewest } from './migrate.ts'
import { kyselyOver, openForWriting, type SqliteSettings } from './sqlite-connection.ts'
import { describeFailure, type StoreFailure } from './store-failure.ts'
import { compileWriteStatements } from './write-statements.ts'

export type ToWriter =
  | { readonly type: 'group'; readonly calls: readonly WriteCall[] }
  | { readonly type: 'close' }

export type FromWriter =
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly failure: StoreFailure }
  | { readonly type: 'results'; readonly results: readonly WriteResult[] }

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
  await migrateToNewest(kysely)
  const statements = Object.fromEntries(
    Object.entries(compileWriteStatements(kysely)).map(([name, text]) => [
      name,
      database.prepare(text),
    ]),
  ) as PreparedStatements
  parentPort?.on('message', (message: ToWriter) => {
    if (message.type === 'group') {
      tell({ type: 'results', results: commitGroup(database, statements, message.calls) })
      return
    }
    database.close()
    parentPort?.close()
  })
  tell({ type: 'ready' })
}
