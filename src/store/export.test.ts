import { expect, test } from 'vitest'
import type { Interaction } from '../kernel/interaction.ts'
import type { Ledger, LedgerEntryType, LedgerRecord } from '../kernel/stores.ts'
import { exportLines } from './export.ts'
import { anInteraction, oneOfEachEntry } from './sample-records.ts'

test('JSON lines give back every record as it was', async () => {
  const records = [anInteraction({ id: 'int_1', answer: 'a\nb' }), anInteraction({ id: 'int_2' })]

  const lines = await linesOf(exportLines(ledgerOf(records), 'interaction', 'jsonl'))

  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records)
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true)
})

test('CSV quotes commas, quotes and line ends as RFC 4180 says', async () => {
  const record = anInteraction({ answer: 'He said "no",\r\nthen left', error: null })

  const text = (await linesOf(exportLines(ledgerOf([record]), 'interaction', 'csv'))).join('')

  const [header, row] = parseCsv(text)
  const field = (name: string): string | undefined => row?.[header?.indexOf(name) ?? -1]
  expect(field('answer')).toBe(record.answer)
  expect(JSON.parse(field('messages') ?? '')).toEqual(record.messages)
  expect(field('costNanoUsd')).toBe('1500')
  expect(field('error')).toBe('')
  expect(row).toHaveLength(header?.length ?? 0)
})

test('preference pairs carry the right to train with them', async () => {
  const pair = oneOfEachEntry().find(({ type }) => type === 'preference-pair')?.record
  if (pair === undefined) throw new Error('no sample pair')

  const text = (await linesOf(exportLines(ledgerOf([pair]), 'preference-pair', 'csv'))).join('')

  const [header, row] = parseCsv(text)
  expect(row?.[header?.indexOf('rightDistillable') ?? -1]).toBe('yes')
  expect(row?.[header?.indexOf('chosen') ?? -1]).toBe('shipping, normal')
})

test('reads no more of the ledger than the reader has taken', async () => {
  let read = 0
  async function* endlessInteractions(): AsyncIterable<Interaction> {
    for (;;) {
      read += 1
      yield anInteraction({ id: `int_${read}` })
    }
  }
  const ledger = { scan: endlessInteractions } as unknown as Pick<Ledger, 'scan'>

  const lines = exportLines(ledger, 'interaction', 'jsonl')
  for (let taken = 0; taken < 1_000; taken += 1) await lines.next()
  await lines.return()

  expect(read).toBe(1_000)
})

function ledgerOf(records: readonly unknown[]): Pick<Ledger, 'scan'> {
  return {
    async *scan<Type extends LedgerEntryType>() {
      yield* records as readonly LedgerRecord<Type>[]
    },
  }
}

async function linesOf(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

/** A reader of RFC 4180 of its own, so that the writer is not checked against itself. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let position = 0
  while (position < text.length) {
    let field = ''
    if (text[position] === '"') {
      const pattern = /"((?:[^"]|"")*)"/y
      pattern.lastIndex = position
      const match = pattern.exec(text)
      if (match === null) throw new Error('an open quote')
      field = (match[1] ?? '').replaceAll('""', '"')
      position = pattern.lastIndex
    } else {
      const end = /[,\r]/g
      end.lastIndex = position
      const stop = end.exec(text)?.index ?? text.length
      field = text.slice(position, stop)
      position = stop
    }
    row.push(field)
    if (text[position] === ',') {
      position += 1
      continue
    }
    if (text.slice(position, position + 2) !== '\r\n') throw new Error('a line without CRLF')
    position += 2
    rows.push(row)
    row = []
  }
  return rows
}
