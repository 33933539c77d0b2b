import { Worker } from 'node:worker_threads'
import type { SqliteSettings } from './sqlite-connection.ts'
import { storeErrorFrom } from './store-failure.ts'
import type { FromWriter } from './writer-thread.ts'

export type WriterThread = {
  readonly thread: Worker
  /** The last segment of the journal that the database has. */
  readonly written: number
}

/** Resolves when the database is open; rejects with `StoreError`. */
export async function startWriterThread(settings: SqliteSettings): Promise<WriterThread> {
  const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), {
    workerData: settings,
    name: 'store-writer',
  })
  const first = await new Promise<FromWriter>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
  })
  if (first.type === 'unusable') throw storeErrorFrom(first.failure)
  return { thread, written: first.type === 'ready' ? first.written : 0 }
}
