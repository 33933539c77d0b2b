import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { dayOf } from '../kernel/days.ts'
import type {
  Ledger,
  LedgerEntry,
  LedgerEntryType,
  LedgerQuery,
  LedgerRecord,
} from '../kernel/stores.ts'
import type { WriteCall } from './commit-group.ts'
import type { LedgerTableName, VillageTables } from './database.ts'
import type { GroupCommitWriter } from './group-commit-writer.ts'
import { tableOf, valuesOf } from './record-columns.ts'
import type { StoreReader } from './store-reader.ts'
import type { RowWrite } from './write-statements.ts'

const pageSize = 500

type Page = readonly { readonly sequence: number; readonly body: string }[]

export class SqliteLedger implements Ledger {
  readonly #reader: StoreReader
  readonly #writer: GroupCommitWriter

  constructor(reader: StoreReader, writer: GroupCommitWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async commit(entries: readonly LedgerEntry[]): Promise<void> {
    await this.#writer.write(rowsOf(entries))
  }

  record(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#writer.record(rowsOf(entries))
  }

  async list<Type extends LedgerEntryType>(
    type: Type,
    query: LedgerQuery = {},
  ): Promise<readonly LedgerRecord<Type>[]> {
    const records: LedgerRecord<Type>[] = []
    for await (const page of this.#pages(tableOf(type), query)) {
      for (const { body } of page) records.push(recordIn<Type>(body))
    }
    return records
  }

  async get<Type extends LedgerEntryType>(
    type: Type,
    key: string,
  ): Promise<LedgerRecord<Type> | null> {
    const row = await this.#reader.read((database) =>
      ledgerRows(database, tableOf(type))
        .select('body')
        .where('record_key', '=', key)
        .executeTakeFirst(),
    )
    return JSON.parse(row?.body ?? 'null') as LedgerRecord<Type> | null
  }

  async count(type: LedgerEntryType, query: LedgerQuery = {}): Promise<number> {
    if (query.taskId === undefined && query.sinceMs === undefined) {
      return this.#countAll(tableOf(type), query.agent)
    }
    const { records } = await this.#reader.read((database) =>
      matchingRows(database, tableOf(type), query)
        .select(({ fn }) => fn.countAll<number>().as('records'))
        .executeTakeFirstOrThrow(),
    )
    return records
  }

  async *scan<Type extends LedgerEntryType>(type: Type): AsyncIterable<LedgerRecord<Type>> {
    for await (const page of this.#pages(tableOf(type), {})) {
      for (const { body } of page) yield recordIn<Type>(body)
    }
  }

  /** Pages in order of insertion; the event loop turns between two of them. */
  async *#pages(table: LedgerTableName, query: LedgerQuery): AsyncIterable<Page> {
    let remaining = query.limit ?? Infinity
    let last: number | undefined
    while (remaining > 0) {
      // A window of time is sorted as a whole, so it is read in one piece.
      const size = query.sinceMs === undefined ? Math.min(pageSize, remaining) : remaining
      const page = await this.#page(table, query, last, size)
      yield page
      if (page.length < size || page.length === 0) return
      remaining -= page.length
      last = page.at(-1)?.sequence
      await nextTurn()
    }
  }

  #page(
    table: LedgerTableName,
    query: LedgerQuery,
    last: number | undefined,
    size: number,
  ): Promise<Page> {
    const newestFirst = query.newestFirst ?? false
    // The plus keeps SQLite from walking the whole table in order to avoid sorting a window.
    const order = query.sinceMs === undefined ? sql`sequence` : sql`+sequence`
    return this.#reader.read((database) =>
      matchingRows(database, table, query)
        .select(['sequence', 'body'])
        .$if(last !== undefined, (rows) =>
          rows.where('sequence', newestFirst ? '<' : '>', last ?? 0),
        )
        .orderBy(order, newestFirst ? 'desc' : 'asc')
        .$if(Number.isFinite(size), (rows) => rows.limit(size))
        .execute(),
    )
  }

  async #countAll(table: LedgerTableName, agent: string | undefined): Promise<number> {
    const { records } = await this.#reader.read((database) =>
      database
        .selectFrom('record_counts')
        .select(({ fn }) => fn.coalesce(fn.sum<number>('records'), sql<number>`0`).as('records'))
        .where('table_name', '=', table)
        .$if(agent !== undefined, (rows) => rows.where('agent', '=', agent ?? ''))
        .executeTakeFirstOrThrow(),
    )
    return records
  }
}

/** Each interaction that cost something counts, in the same transaction, as spent by its key. */
function rowsOf(entries: readonly LedgerEntry[]): WriteCall {
  const rows: RowWrite[] = []
  for (const entry of entries) {
    rows.push({ statement: tableOf(entry.type), values: valuesOf(entry) })
    if (entry.type !== 'interaction' || entry.record.usage.cost === 0) continue
    const { keyId, startedAtMs, usage } = entry.record
    rows.push({ statement: 'spend_by_day', values: [keyId ?? '', dayOf(startedAtMs), usage.cost] })
  }
  return rows
}

function recordIn<Type extends LedgerEntryType>(body: string): LedgerRecord<Type> {
  return JSON.parse(body) as LedgerRecord<Type>
}

function matchingRows(
  database: Kysely<VillageTables>,
  table: LedgerTableName,
  { agent, taskId, sinceMs }: LedgerQuery,
) {
  let rows = ledgerRows(database, table)
  if (agent !== undefined) rows = rows.where('agent', '=', agent)
  if (taskId !== undefined) rows = rows.where('task_id', '=', taskId)
  if (sinceMs !== undefined) rows = rows.where('at_ms', '>=', sinceMs)
  return rows
}

/** Every ledger table has the columns that are read here; one of them stands for all. */
function ledgerRows(database: Kysely<VillageTables>, table: LedgerTableName) {
  return database.selectFrom(table as 'threshold_changes')
}
