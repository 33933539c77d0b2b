import { hash } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import type { ApiKey } from '../kernel/stores.ts'

export type ApiKeyGate = {
  /** Null when the key is unknown or revoked. A known key is answered from memory, without a promise. */
  check(key: string): ApiKey | Promise<ApiKey | null>
}

/**
 * Remembers known keys for `timeToLiveMs`, the longest that a revoked key goes on working. Unknown keys
 * are never remembered, so that guesses cannot push out the keys in use.
 */
export function createApiKeyGate(options: {
  readonly authenticate: (key: string) => Promise<ApiKey | null>
  readonly clock: Clock
  readonly timeToLiveMs: number
  readonly maxKeys: number
}): ApiKeyGate {
  const known = new Map<string, { readonly key: ApiKey; readonly expiresAtMs: number }>()

  const lookUp = async (key: string, keyHash: string): Promise<ApiKey | null> => {
    const found = await options.authenticate(key)
    known.delete(keyHash)
    if (found === null) return null
    const oldest = known.size >= options.maxKeys ? known.keys().next() : null
    if (oldest?.done === false) known.delete(oldest.value)
    known.set(keyHash, { key: found, expiresAtMs: options.clock.now() + options.timeToLiveMs })
    return found
  }

  return {
    check: (key) => {
      const keyHash = hash('sha256', key)
      const remembered = known.get(keyHash)
      return remembered !== undefined && remembered.expiresAtMs > options.clock.now()
        ? remembered.key
        : lookUp(key, keyHash)
    },
  }
}

/** The key of `Authorization: Bearer …` or `x-api-key`; null when the request has none. */
export function keyOfHeaders(headers: {
  readonly authorization?: string | undefined
  readonly 'x-api-key'?: string | readonly string[] | undefined
}): string | null {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const apiKey = headers['x-api-key']
  return typeof apiKey === 'string' && apiKey !== '' ? apiKey : null
}
