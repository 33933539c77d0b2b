import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { ForbiddenError } from '../../kernel/access-errors.ts'
import { noBudgets, noRateLimits } from '../../kernel/api-key.ts'
import type { ApiKey, KeyRole } from '../../kernel/api-key.ts'
import type { Clock } from '../../kernel/clock.ts'
import { InvalidRequestError } from '../../kernel/errors.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { ApiKeyStore } from '../../kernel/stores.ts'

const keyPrefix = 'vk-'

/** What a new key is to be; what is left out is without limit. */
export type KeyWishes = Pick<ApiKey, 'name' | 'role'> &
  Partial<Pick<ApiKey, 'expiresAtMs' | 'allowedModels' | 'limits' | 'budgets'>>

/** The key itself is shown here once and is kept nowhere. */
export type IssuedKey = { readonly key: string; readonly record: ApiKey }

type KeyPorts = { readonly keys: ApiKeyStore; readonly clock: Clock; readonly ids: Ids }

/** Makes, lists, rotates and revokes keys; `by` is the role of who asks for it. */
export class KeyRing {
  readonly #ports: KeyPorts
  readonly #listeners = new Set<(keyId: string) => void>()

  constructor(ports: KeyPorts) {
    this.#ports = ports
  }

  list(): Promise<readonly ApiKey[]> {
    return this.#ports.keys.list()
  }

  /** Throws `ForbiddenError` when `by` may not give that role. */
  async issue(wishes: KeyWishes, by: KeyRole): Promise<IssuedKey> {
    requireMayManage(by, wishes.role)
    const expiresAtMs = wishes.expiresAtMs ?? null
    if (expiresAtMs !== null && expiresAtMs <= this.#ports.clock.now()) {
      throw new InvalidRequestError('A new key must expire in the future.', { param: 'expires_at' })
    }
    return issueKey(wishes, this.#ports)
  }

  /** A new secret for the same key; the old one is refused from now on. */
  async rotate(id: string, by: KeyRole): Promise<IssuedKey> {
    const old = await this.#active(id, by)
    const key = newSecret()
    const record = { ...old, hash: hashOfKey(key) }
    await this.#save(record)
    return { key, record }
  }

  /** The key is refused from now on. The last owner key that works cannot be revoked. */
  async revoke(id: string, by: KeyRole): Promise<ApiKey> {
    const old = await this.#active(id, by)
    if (old.role === 'owner') await this.#requireAnotherOwner(id)
    const record = { ...old, revokedAtMs: this.#ports.clock.now() }
    await this.#save(record)
    return record
  }

  /** Calls the listener at once when a key was rotated or revoked; the returned function ends that. */
  onChange(listener: (keyId: string) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #save(record: ApiKey): Promise<void> {
    await this.#ports.keys.save(record)
    for (const listener of this.#listeners) listener(record.id)
  }

  async #active(id: string, by: KeyRole): Promise<ApiKey> {
    const found = await this.#ports.keys.get(id)
    // The id is not repeated: whoever mistook a key for its id would find it in logs.
    if (found === null) {
      throw new InvalidRequestError('There is no key with this id. GET /v1/keys lists them.', {
        code: 'key_not_found',
        param: 'id',
      })
    }
    requireMayManage(by, found.role)
    if (found.revokedAtMs !== null) {
      throw new InvalidRequestError('This key was revoked; make a new one.', {
        code: 'key_revoked',
        param: 'id',
      })
    }
    return found
  }

  async #requireAnotherOwner(id: string): Promise<void> {
    const nowMs = this.#ports.clock.now()
    const keys = await this.#ports.keys.list()
    if (keys.some((key) => key.id !== id && key.role === 'owner' && isActive(key, nowMs))) return
    throw new InvalidRequestError(
      'This is the last owner key that works: rotate it instead, or make another owner key first.',
      { code: 'last_owner_key', param: 'id' },
    )
  }
}

/** Makes a key, stores its hash and returns the key itself. */
export async function issueKey(wishes: KeyWishes, ports: KeyPorts): Promise<IssuedKey> {
  const key = newSecret()
  const record: ApiKey = {
    expiresAtMs: null,
    allowedModels: null,
    limits: noRateLimits,
    budgets: noBudgets,
    ...wishes,
    id: ports.ids.next('key'),
    hash: hashOfKey(key),
    createdAtMs: ports.clock.now(),
    revokedAtMs: null,
  }
  await ports.keys.save(record)
  return { key, record }
}

/** The record of a key that exists, has not expired and is not revoked, or null. */
export async function findKey(
  keys: ApiKeyStore,
  key: string,
  nowMs: number,
): Promise<ApiKey | null> {
  const hash = hashOfKey(key)
  const record = await keys.findByHash(hash)
  if (record === null || !isActive(record, nowMs)) return null
  return timingSafeEqual(Buffer.from(record.hash, 'hex'), Buffer.from(hash, 'hex')) ? record : null
}

export function isActive(key: ApiKey, nowMs: number): boolean {
  return key.revokedAtMs === null && (key.expiresAtMs === null || nowMs < key.expiresAtMs)
}

/** An owner manages every key; an operator those that may less than an operator. */
function requireMayManage(by: KeyRole, role: KeyRole): void {
  if (by === 'owner') return
  if (by === 'operator' && (role === 'member' || role === 'viewer')) return
  throw new ForbiddenError(`A key with the role ${by} may not manage keys with the role ${role}.`, {
    code: 'role_not_allowed',
    param: 'role',
  })
}

function newSecret(): string {
  return keyPrefix + randomBytes(24).toString('base64url')
}

function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
