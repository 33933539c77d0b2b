import { sql } from 'kysely'
import type { DayNumber } from '../kernel/days.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { SpendStore, SpendSum } from '../kernel/stores.ts'
import type { StoreReader } from './store-reader.ts'

export class SqliteSpend implements SpendStore {
  readonly #reader: StoreReader

  constructor(reader: StoreReader) {
    this.#reader = reader
  }

  async sums(since: {
    readonly day: DayNumber
    readonly week: DayNumber
    readonly month: DayNumber
  }): Promise<readonly SpendSum[]> {
    const from = (day: DayNumber) =>
      sql<NanoUsd>`coalesce(sum(nano_usd) filter (where day >= ${day}), 0)`
    const rows = await this.#reader.read((database) =>
      database
        .selectFrom('spend_by_day')
        .select([
          'key_id',
          from(since.day).as('day'),
          from(since.week).as('week'),
          from(since.month).as('month'),
          sql<NanoUsd>`sum(nano_usd)`.as('total'),
        ])
        .groupBy('key_id')
        .execute(),
    )
    return rows.map(({ key_id: keyId, day, week, month, total }) => ({
      keyId: keyId === '' ? null : keyId,
      day,
      week,
      month,
      total,
    }))
  }
}
