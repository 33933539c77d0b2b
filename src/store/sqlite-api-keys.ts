import type { ApiKey, ApiKeyStore } from '../kernel/stores.ts'
import type { VillageTables } from './database.ts'
import type { GroupCommitWriter } from './group-commit-writer.ts'
import type { StoreReader } from './store-reader.ts'

const maxKeys = 10_000

export class SqliteApiKeys implements ApiKeyStore {
  readonly #reader: StoreReader
  readonly #writer: GroupCommitWriter

  constructor(reader: StoreReader, writer: GroupCommitWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async add(key: ApiKey): Promise<void> {
    const values = [key.id, key.name, key.hash, key.createdAtMs, key.revokedAtMs]
    await this.#writer.write([{ statement: 'api_keys', values }])
  }

  async findByHash(hash: string): Promise<ApiKey | null> {
    const row = await this.#reader.read((database) =>
      database.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst(),
    )
    return row === undefined ? null : apiKeyFrom(row)
  }

  async list(): Promise<readonly ApiKey[]> {
    const rows = await this.#reader.read((database) =>
      database.selectFrom('api_keys').selectAll().orderBy('created_at_ms').limit(maxKeys).execute(),
    )
    return rows.map(apiKeyFrom)
  }
}

function apiKeyFrom(row: VillageTables['api_keys']): ApiKey {
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    createdAtMs: row.created_at_ms,
    revokedAtMs: row.revoked_at_ms,
  }
}
