import { noBudgets, noRateLimits } from '../kernel/api-key.ts'
import type { ApiKey, KeyRole } from '../kernel/api-key.ts'
import type { ApiKeyStore } from '../kernel/stores.ts'
import type { VillageTables } from './database.ts'
import type { GroupCommitWriter } from './group-commit-writer.ts'
import type { StoreReader } from './store-reader.ts'

const maxKeys = 10_000

type Restrictions = Partial<Pick<ApiKey, 'allowedModels' | 'limits' | 'budgets'>>

export class SqliteApiKeys implements ApiKeyStore {
  readonly #reader: StoreReader
  readonly #writer: GroupCommitWriter

  constructor(reader: StoreReader, writer: GroupCommitWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async save(key: ApiKey): Promise<void> {
    const { allowedModels, limits, budgets } = key
    const restrictions: Restrictions = { allowedModels, limits, budgets }
    const values = [
      key.id,
      key.name,
      key.hash,
      key.createdAtMs,
      key.revokedAtMs,
      key.role,
      key.expiresAtMs,
      JSON.stringify(restrictions),
    ]
    await this.#writer.write([{ statement: 'api_keys', values }])
  }

  async get(id: string): Promise<ApiKey | null> {
    const row = await this.#reader.readWritten((database) =>
      database.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    return row === undefined ? null : apiKeyFrom(row)
  }

  async findByHash(hash: string): Promise<ApiKey | null> {
    const row = await this.#reader.readWritten((database) =>
      database.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst(),
    )
    return row === undefined ? null : apiKeyFrom(row)
  }

  async list(): Promise<readonly ApiKey[]> {
    const rows = await this.#reader.readWritten((database) =>
      database.selectFrom('api_keys').selectAll().orderBy('created_at_ms').limit(maxKeys).execute(),
    )
    return rows.map(apiKeyFrom)
  }
}

function apiKeyFrom(row: VillageTables['api_keys']): ApiKey {
  const { allowedModels, limits, budgets } = JSON.parse(row.restrictions) as Restrictions
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    role: row.role as KeyRole,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
    allowedModels: allowedModels ?? null,
    limits: { ...noRateLimits, ...limits },
    budgets: { ...noBudgets, ...budgets },
  }
}
