import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StoreError } from '../kernel/errors.ts'
import { Recorder } from './recorder.ts'

test('a call is acknowledged only once the disk has it, where a power cut is to be survived', async () => {
  const disk = scriptedDisk()
  const recorder = new Recorder(disk, () => undefined)
  const acknowledged: string[] = []

  void recorder.record('first').then(() => acknowledged.push('first'))
  await nextTurn()
  const beforeSync = [...acknowledged]
  disk.syncs[0]?.resolve()
  await nextTurn()

  expect(disk.lines).toEqual(['first'])
  expect(beforeSync).toEqual([])
  expect(acknowledged).toEqual(['first'])
})

test('what is written while the disk is busy waits for a flush that began after it, and shares it', async () => {
  const disk = scriptedDisk()
  const recorder = new Recorder(disk, () => undefined)
  const acknowledged: string[] = []
  const record = (text: string): void => {
    void recorder.record(text).then(() => acknowledged.push(text))
  }

  record('first')
  await nextTurn()
  record('second')
  await nextTurn()
  record('third')
  await nextTurn()
  disk.syncs[0]?.resolve()
  await nextTurn()
  const afterFirstSync = [...acknowledged]
  disk.syncs[1]?.resolve()
  await recorder.idle()

  expect(afterFirstSync).toEqual(['first'])
  expect(acknowledged).toEqual(['first', 'second', 'third'])
  expect(disk.syncs).toHaveLength(2)
})

test('a disk that fails to keep the journal fails the calls that waited for it, and no later one', async () => {
  const disk = scriptedDisk()
  const recorder = new Recorder(disk, () => undefined)

  const outcomes = Promise.allSettled([recorder.record('failed'), laterTurn('kept')])
  await nextTurn()
  await nextTurn()
  disk.syncs[0]?.reject(new StoreError('The disk is gone'))
  await nextTurn()
  disk.syncs[1]?.resolve()

  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason: { name: 'StoreError' } },
    { status: 'fulfilled' },
  ])

  async function laterTurn(text: string): Promise<void> {
    await nextTurn()
    await recorder.record(text)
  }
})

test('without that, the file is enough', async () => {
  const disk = { ...scriptedDisk(), survivesPowerCut: false }
  const recorder = new Recorder(disk, () => undefined)

  await recorder.record('line')

  expect(disk.lines).toEqual(['line'])
  expect(disk.syncs).toEqual([])
})

/** A journal whose disk answers when the test says so. */
function scriptedDisk() {
  const lines: string[] = []
  const syncs: PromiseWithResolvers<void>[] = []
  return {
    lines,
    syncs,
    segment: 1,
    survivesPowerCut: true,
    append: (texts: readonly string[]) => void lines.push(...texts),
    sync: () => {
      const flush = Promise.withResolvers<void>()
      syncs.push(flush)
      return flush.promise
    },
  }
}
