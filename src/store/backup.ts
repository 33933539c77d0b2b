import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describeFailure, type StoreFailure, storeErrorFrom } from './store-failure.ts'

/** Copies the live database at `from` to a new file; `to` is replaced at once when it is whole. */
export async function backUp(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`
  try {
    await rm(partial, { force: true })
    await copyOnThread(from, partial)
    // SQLite does not sync what VACUUM INTO writes.
    await syncToDisk(partial)
    await rename(partial, to)
    await syncToDisk(dirname(to))
  } catch (error) {
    await rm(partial, { force: true })
    throw storeErrorFrom(describeFailure(error), error)
  }
}

/** On a thread of its own, because a large database takes seconds to read. */
async function copyOnThread(from: string, to: string): Promise<void> {
  const thread = new Worker(new URL('./backup-thread.ts', import.meta.url), {
    workerData: { from, to },
    name: 'store-backup',
  })
  const failure = await new Promise<StoreFailure | null>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
  })
  if (failure !== null) throw storeErrorFrom(failure)
}

async function syncToDisk(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
