import type { WriteCall } from './commit-group.ts'
import { bodyPosition, isLedgerTable } from './record-columns.ts'
import type { RowWrite } from './write-statements.ts'

/** JSON has no bare tab, so it can stand between the parts of a line. */
const separator = '\t'
const standsForRecord = 0

/**
 * A call as one line: its rows as JSON, then the record of each ledger row, as the JSON that it is
 * already. As text within text they would be escaped, written and read a second time.
 */
export function textOfCall(call: WriteCall): string {
  let records = ''
  const rows = call.map((row): RowWrite => {
    const record = row.values[bodyPosition]
    if (!isLedgerTable(row.statement) || typeof record !== 'string') return row
    records += separator + record
    return { statement: row.statement, values: row.values.with(bodyPosition, standsForRecord) }
  })
  return JSON.stringify(rows) + records
}

export function callOfText(text: string): WriteCall {
  const [rows = '', ...records] = text.split(separator)
  const call = JSON.parse(rows) as WriteCall
  if (records.length === 0) return call
  const record = records.values()
  return call.map((row): RowWrite => {
    if (!isWithoutRecord(row)) return row
    return {
      statement: row.statement,
      values: row.values.with(bodyPosition, record.next().value ?? null),
    }
  })
}

function isWithoutRecord({ statement, values }: RowWrite): boolean {
  return isLedgerTable(statement) && values[bodyPosition] === standsForRecord
}

/** False for a text of which an end is missing. */
export function isWholeCall(text: string): boolean {
  try {
    const [rows = '', ...records] = text.split(separator)
    for (const record of records) JSON.parse(record)
    return (JSON.parse(rows) as WriteCall).filter(isWithoutRecord).length === records.length
  } catch {
    return false
  }
}
