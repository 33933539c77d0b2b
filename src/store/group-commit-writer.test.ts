import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GroupCommitWriter } from './group-commit-writer.ts'
import { startWriterThread, type WriterThread } from './start-writer-thread.ts'
import { openForReading, type SqliteSettings } from './sqlite-connection.ts'
import type { WriteCall } from './commit-group.ts'

let folder: string
let settings: SqliteSettings
let journalFolder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-writer-'))
  settings = { path: join(folder, 'village.db'), durability: 'process' }
  journalFolder = join(folder, 'recorded')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('a writer thread that dies fails what was in flight, and the next one goes on', async () => {
  const threads: Worker[] = []
  const writer = await GroupCommitWriter.start(settings, { startThread: noting(threads) })

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

test('what is recorded survives the death of the writer thread', async () => {
  const threads: Worker[] = []
  const writer = await GroupCommitWriter.start(settings, {
    journalFolder,
    startThread: noting(threads),
  })

  await writer.record(stateCall('recorded', 'x'.repeat(16 * 1024 * 1024)))
  const settled = writer.settled()
  await nextTurn()
  await threads[0]?.terminate()
  await settled
  await writer.close()

  expect(threads).toHaveLength(2)
  expect(statesIn(settings.path)).toEqual(['journal', 'recorded'])
  expect(await readdir(journalFolder)).toEqual([])
})

test('what a killed process recorded is written at the next start, once, and half a line is not', async () => {
  const lines = ['first', 'second'].map((key) => `${JSON.stringify(stateCall(key))}\n`)
  const torn = JSON.stringify(stateCall('torn')).slice(0, -3)
  await mkdir(journalFolder)
  await writeFile(join(journalFolder, '3.jsonl'), `${lines.join('')}${torn}`)

  await (await GroupCommitWriter.start(settings, { journalFolder })).close()
  const written = statesIn(settings.path)
  await writeFile(join(journalFolder, '2.jsonl'), `${JSON.stringify(stateCall('old'))}\n`)
  await (await GroupCommitWriter.start(settings, { journalFolder })).close()

  expect(written).toEqual(['first', 'journal', 'second'])
  expect(statesIn(settings.path)).toEqual(written)
  expect(await readdir(journalFolder)).toEqual([])
})

test('calls reach the database in the order in which they were made', async () => {
  const writer = await GroupCommitWriter.start(settings, { journalFolder })

  for (let round = 0; round <= 50; round += 1) {
    await writer.record(stateCall('key', `recorded ${round}`))
    if (round % 7 === 0) await writer.write(stateCall('key', `written ${round}`))
  }
  await writer.settled()

  expect(valueIn(settings.path, 'key')).toBe('recorded 50')
  expect(await readdir(journalFolder)).toEqual([])
  await writer.close()
})

test('a write does not overtake what was recorded in the same turn', async () => {
  const writer = await GroupCommitWriter.start(settings, { journalFolder })

  await Promise.all([
    writer.record(stateCall('key', 'recorded')),
    writer.write(stateCall('key', 'written')),
  ])
  await writer.settled()

  expect(valueIn(settings.path, 'key')).toBe('written')
  await writer.close()
})

test('what a full database refuses stays recorded until there is room', async () => {
  const small = await GroupCommitWriter.start(
    { ...settings, maxSizeBytes: 1_000_000 },
    { journalFolder },
  )

  await small.record(stateCall('large', 'x'.repeat(2_000_000)))
  await small.record(stateCall('small'))
  await small.settled()
  const refused = statesIn(settings.path)
  await small.close()
  await (await GroupCommitWriter.start(settings, { journalFolder })).close()

  expect(refused).toEqual(['small'])
  expect(statesIn(settings.path)).toEqual(['journal', 'large', 'small'])
})

test('a disk that refuses the journal refuses the call', async () => {
  const writer = await GroupCommitWriter.start(settings, { journalFolder })
  await rm(journalFolder, { recursive: true })

  await expect(writer.record(stateCall('lost'))).rejects.toMatchObject({
    name: 'StoreError',
    retryable: true,
  })
  await mkdir(journalFolder)
  await writer.record(stateCall('kept'))
  await writer.close()

  expect(statesIn(settings.path)).toEqual(['journal', 'kept'])
})

test('a recorded call that breaks a rule of its table is reported', async () => {
  const refused: Error[] = []
  const writer = await GroupCommitWriter.start(settings, {
    journalFolder,
    onRefused: (error) => refused.push(error),
  })

  await writer.record([{ statement: 'states', values: ['key', null] }])
  await writer.close()

  expect(refused).toMatchObject([{ name: 'StoreError', message: /rule of its table/ }])
})

function noting(threads: Worker[]) {
  return async (given: SqliteSettings): Promise<WriterThread> => {
    const started = await startWriterThread(given)
    threads.push(started.thread)
    return started
  }
}

function valueIn(path: string, key: string): unknown {
  const database = openForReading(path)
  try {
    return database.prepare('select value from states where key = ?').get(key)?.['value']
  } finally {
    database.close()
  }
}

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
