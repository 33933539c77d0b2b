import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GroupCommitWriter, startWriterThread } from './group-commit-writer.ts'
import { openForReading, type SqliteSettings } from './sqlite-connection.ts'
import type { WriteCall } from './commit-group.ts'

let folder: string
let settings: SqliteSettings

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-writer-'))
  settings = { path: join(folder, 'village.db'), durability: 'process' }
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('a writer thread that dies fails what was in flight, and the next one goes on', async () => {
  const threads: Worker[] = []
  const writer = await GroupCommitWriter.start(settings, async (given) => {
    const thread = await startWriterThread(given)
    threads.push(thread)
    return thread
  })

  const inFlight = writer.write(stateCall('in flight', 'x'.repeat(16 * 1024 * 1024)))
  await nextTurn()
  await Promise.all([
    expect(inFlight).rejects.toMatchObject({ name: 'StoreError' }),
    threads[0]?.terminate(),
  ])
  await writer.write(stateCall('later'))
  await writer.close()

  expect(threads).toHaveLength(2)
  expect(statesIn(settings.path)).toEqual(['later'])
})

test('refuses more than it can hold, and writes all that it took', async () => {
  const writer = await GroupCommitWriter.start(settings)
  const quarterOfTheBound = 'x'.repeat(16 * 1024 * 1024)

  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c', 'd', 'e'].map((key) => writer.write(stateCall(key, quarterOfTheBound))),
  )
  await writer.close()

  const refused = outcomes.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(2)
  expect(refused[0]).toMatchObject({ reason: { name: 'StoreError', retryable: true } })
  expect(statesIn(settings.path)).toEqual(['a', 'b', 'c'])
})

function stateCall(key: string, value = '1'): WriteCall {
  return [{ statement: 'states', values: [key, value] }]
}

function statesIn(path: string): readonly unknown[] {
  const database = openForReading(path)
  try {
    return database
      .prepare('select key from states order by key')
      .all()
      .map((row) => row['key'])
  } finally {
    database.close()
  }
}
