import { onTestFinished } from 'vitest'
import type { ApiKey } from '../kernel/api-key.ts'
import { systemClock } from '../kernel/clock.ts'
import { findKey } from '../village/access/key-ring.ts'
import {
  keysInMemory,
  scriptedAccess,
  scriptedService,
  startScriptedServer,
} from './scripted-village.ts'
import type { ServerOptions } from './server.ts'

/** A server whose keys are real: made by a key ring and looked up by their hash. */
export async function startKeyedServer(options: Partial<ServerOptions> = {}) {
  const keys = keysInMemory()
  const clock = options.clock ?? systemClock
  const access = scriptedAccess(clock, keys)
  const logged: unknown[] = []
  const note = (details: unknown, message: string) => void logged.push(details, message)
  const server = await startScriptedServer({
    access,
    clock,
    logger: { error: note, warn: note },
    ...options,
    service: {
      ...scriptedService(),
      ...options.service,
      authenticate: (key) => findKey(keys, key, clock.now()),
    },
  })
  onTestFinished(() => server.close())
  const issue = (wishes: Partial<ApiKey> = {}) =>
    access.keys.issue({ name: 'test', role: 'member', ...wishes }, 'owner')
  const send = (key: string, method: string, path: string, body?: unknown, init?: RequestInit) =>
    fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...init,
    })
  return { url: server.url, access, keys, issue, send, logged }
}

export const hello = {
  model: 'village',
  messages: [{ role: 'user', content: 'Hello' }],
  max_tokens: 20,
}
