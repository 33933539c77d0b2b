import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from './sqlite-connection.ts'
import { describeFailure, type StoreFailure } from './store-failure.ts'

parentPort?.postMessage(copy(workerData as { readonly from: string; readonly to: string }))

/** One read transaction sees one moment of the database, whatever is written meanwhile. */
function copy({ from, to }: { readonly from: string; readonly to: string }): StoreFailure | null {
  try {
    const database = openForReading(from)
    try {
      database.prepare('vacuum into ?').run(to)
    } finally {
      database.close()
    }
    return null
  } catch (error) {
    return describeFailure(error)
  }
}
