import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { ApiKeyStore } from '../kernel/stores.ts'
import { findKey, issueKey } from '../village/access/key-ring.ts'

/**
 * The key made at the first start. It stands in a file of the home folder that only its owner may
 * read, so that `village status` and the next start can use it; the database holds its hash alone.
 */
export async function ownerKey(options: {
  readonly file: string
  readonly keys: ApiKeyStore
  readonly clock: Clock
  readonly ids: Ids
}): Promise<string> {
  if (existsSync(options.file)) {
    const key = readFileSync(options.file, 'utf8').trim()
    if ((await findKey(options.keys, key, options.clock.now())) !== null) return key
  }
  const { key } = await issueKey({ name: 'owner', role: 'owner' }, options)
  writeFileSync(options.file, `${key}\n`, { mode: 0o600 })
  return key
}
