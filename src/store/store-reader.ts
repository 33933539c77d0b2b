import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { StoreError } from '../kernel/errors.ts'
import type { VillageTables } from './database.ts'
import { kyselyOver, openForReading } from './sqlite-connection.ts'
import { describeFailure, storeErrorFrom } from './store-failure.ts'

/** The connection that only reads; failures arrive as `StoreError`. */
export class StoreReader {
  readonly #database: DatabaseSync
  readonly #kysely: Kysely<VillageTables>
  readonly #settled: () => Promise<void> | undefined
  #closed = false

  private constructor(database: DatabaseSync, settled: () => Promise<void> | undefined) {
    this.#database = database
    this.#settled = settled
    this.#kysely = kyselyOver(database)
  }

  /**
   * The database must exist: the writer makes it.
   * @param settled a wait for what was acknowledged before the database has it, if there is any
   */
  static open(path: string, settled: () => Promise<void> | undefined): StoreReader {
    try {
      return new StoreReader(openForReading(path), settled)
    } catch (error) {
      throw storeErrorFrom(describeFailure(error), error)
    }
  }

  async read<Result>(query: (database: Kysely<VillageTables>) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new StoreError('The store is closed')
    await this.#settled()
    return this.readWritten(query)
  }

  /** As `read` without the wait: for tables whose writers always wait for the database. */
  async readWritten<Result>(
    query: (database: Kysely<VillageTables>) => Promise<Result>,
  ): Promise<Result> {
    if (this.#closed) throw new StoreError('The store is closed')
    try {
      return await query(this.#kysely)
    } catch (error) {
      throw storeErrorFrom(describeFailure(error), error)
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#database.close()
  }
}
