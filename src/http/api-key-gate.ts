import { hash } from 'node:crypto'
import type { ApiKey } from '../kernel/api-key.ts'
import type { Clock } from '../kernel/clock.ts'
import { isActive } from '../village/access/key-ring.ts'

export type ApiKeyGate = {
  /** Null when the key is unknown, expired or revoked. A known key is answered from memory, without a promise. */
  check(key: string): ApiKey | Promise<ApiKey | null>
  /** Asks for this key anew from now on: it was rotated or revoked. */
  forget(keyId: string): void
}

/**
 * Remembers known keys, by the hash of the whole key, for `timeToLiveMs`: the longest that a key goes
 * on working which another process revoked. Unknown keys are never remembered, so that guesses cannot
 * push out the keys in use.
 */
export function createApiKeyGate(options: {
  readonly authenticate: (key: string) => Promise<ApiKey | null>
  readonly clock: Clock
  readonly timeToLiveMs: number
  readonly maxKeys: number
}): ApiKeyGate {
  const known = new Map<string, { readonly key: ApiKey; readonly expiresAtMs: number }>()
  /** Of requests that came at once with a key whose time had passed, one asks. */
  const underWay = new Map<string, Promise<ApiKey | null>>()
  /** Grows with every `forget`: what was looked up before one may be older than it. */
  let changes = 0

  const lookUp = async (key: string, keyHash: string): Promise<ApiKey | null> => {
    const changesBefore = changes
    const found = await options.authenticate(key)
    if (changes !== changesBefore) return lookUp(key, keyHash)
    known.delete(keyHash)
    if (found === null) return null
    const oldest = known.size >= options.maxKeys ? known.keys().next() : null
    if (oldest?.done === false) known.delete(oldest.value)
    known.set(keyHash, { key: found, expiresAtMs: options.clock.now() + options.timeToLiveMs })
    return found
  }

  const lookUpOnce = (key: string, keyHash: string): Promise<ApiKey | null> => {
    const asked = underWay.get(keyHash)
    if (asked !== undefined) return asked
    const asking = lookUp(key, keyHash).finally(() => underWay.delete(keyHash))
    underWay.set(keyHash, asking)
    return asking
  }

  return {
    check: (key) => {
      const keyHash = hash('sha256', key)
      const remembered = known.get(keyHash)
      const nowMs = options.clock.now()
      return remembered !== undefined &&
        remembered.expiresAtMs > nowMs &&
        isActive(remembered.key, nowMs)
        ? remembered.key
        : lookUpOnce(key, keyHash)
    },
    forget: (keyId) => {
      changes += 1
      for (const [keyHash, { key }] of known) if (key.id === keyId) known.delete(keyHash)
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
