import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { ApiKey, ApiKeyStore } from '../kernel/stores.ts'

const keyPrefix = 'vk-'

/** Makes a key, stores its hash and returns the key itself, which is shown once and never kept. */
export async function issueKey(
  name: string,
  ports: { readonly keys: ApiKeyStore; readonly clock: Clock; readonly ids: Ids },
): Promise<{ readonly key: string; readonly record: ApiKey }> {
  const key = keyPrefix + randomBytes(24).toString('base64url')
  const record: ApiKey = {
    id: ports.ids.next('key'),
    name,
    hash: hashOfKey(key),
    createdAtMs: ports.clock.now(),
    revokedAtMs: null,
  }
  await ports.keys.add(record)
  return { key, record }
}

/** The record of a key that exists and is not revoked, or null. */
export async function findKey(keys: ApiKeyStore, key: string): Promise<ApiKey | null> {
  const hash = hashOfKey(key)
  const record = await keys.findByHash(hash)
  if (record === null || record.revokedAtMs !== null) return null
  return timingSafeEqual(Buffer.from(record.hash, 'hex'), Buffer.from(hash, 'hex')) ? record : null
}

function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
