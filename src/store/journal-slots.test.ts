import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openJournal, type Journal } from './journal.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'village-slots-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('what was written is left over at the next start, whichever durability that has', async () => {
  const journal = open({ written: 0 })
  journal.append(['["first"]', '["second"]'])
  journal.rotate()
  journal.append(['["third"]'])
  await journal.sync()

  const asPower = leftoverAt({ written: 0, survivesPowerCut: true })
  const asProcess = leftoverAt({ written: 0, survivesPowerCut: false })
  const afterFirstSegment = leftoverAt({ written: 1, survivesPowerCut: true })
  journal.close()

  expect(asPower).toEqual(['["first"]', '["second"]', '["third"]'])
  expect(asProcess).toEqual(asPower)
  expect(afterFirstSegment).toEqual(['["third"]'])
})

test('lines left by the other durability come first, in their order', () => {
  const { journal: files } = openJournal(folder, { written: 0, survivesPowerCut: false })
  files.append(['["in a file"]'])
  const slots = open({ written: 0 })
  slots.append(['["in a slot"]'])

  const leftover = leftoverAt({ written: 0, survivesPowerCut: true })
  files.close()
  slots.close()

  expect(leftover).toEqual(['["in a file"]', '["in a slot"]'])
})

test('a segment over a longer, older one is read without what is left of that', async () => {
  const journal = open({ written: 0 })
  for (let round = 0; round < 12; round += 1) {
    const lines = Array.from({ length: 12 - round }, (_, at) => `["${round} ${at} 1\\t2"]`)
    journal.append(lines)
    journal.remove(journal.rotate())
  }
  journal.append(['["last"]'])
  await journal.sync()

  const leftover = leftoverAt({ written: 12, survivesPowerCut: true })
  journal.close()

  expect(leftover).toEqual(['["last"]'])
})

test('slots are written over: the folder keeps its size while groups come and go', async () => {
  const journal = open({ written: 0 })
  const sizesBefore = await sizes()

  for (let round = 0; round < 50; round += 1) {
    journal.append([JSON.stringify(['x'.repeat(10_000)])])
    await journal.sync()
    journal.remove(journal.rotate())
  }
  journal.close()

  expect(await sizes()).toEqual(sizesBefore)
  expect(sizesBefore).toHaveLength(3)
})

test('slots that the database does not have are not written over', async () => {
  const journal = open({ written: 0 })
  for (let segment = 1; segment <= 5; segment += 1) {
    journal.append([`[${segment}]`])
    journal.rotate()
  }
  await journal.sync()

  const leftover = leftoverAt({ written: 0, survivesPowerCut: true })
  journal.close()

  expect(leftover).toEqual(['[1]', '[2]', '[3]', '[4]', '[5]'])
})

function open({ written }: { readonly written: number }): Journal {
  return openJournal(folder, { written, survivesPowerCut: true }).journal
}

function leftoverAt(options: { readonly written: number; readonly survivesPowerCut: boolean }) {
  const { journal, leftover } = openJournal(folder, options)
  journal.close()
  return leftover
}

async function sizes(): Promise<readonly number[]> {
  const names = (await readdir(folder)).toSorted()
  return Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
}
