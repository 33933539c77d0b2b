import type { JsonValue } from '../kernel/json.ts'
import type { StateStore } from '../kernel/stores.ts'
import type { GroupCommitWriter } from './group-commit-writer.ts'
import type { StoreReader } from './store-reader.ts'

export class SqliteStates implements StateStore {
  readonly #reader: StoreReader
  readonly #writer: GroupCommitWriter

  constructor(reader: StoreReader, writer: GroupCommitWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async load(key: string): Promise<JsonValue | null> {
    const row = await this.#reader.read((database) =>
      database.selectFrom('states').select('value').where('key', '=', key).executeTakeFirst(),
    )
    return row === undefined ? null : (JSON.parse(row.value) as JsonValue)
  }

  async save(key: string, value: JsonValue): Promise<void> {
    await this.#writer.write([{ statement: 'states', values: [key, JSON.stringify(value)] }])
  }
}
