import { Pool } from 'undici'

const longestConnectMs = 10_000

/** Sockets to one origin, kept open between calls. Redirects are not followed: a 3xx is a failure. */
export function createConnectionPool(origin: string, timeoutMs: number): Pool {
  return new Pool(origin, {
    allowH2: false,
    connect: { timeout: Math.min(timeoutMs, longestConnectMs) },
    keepAliveTimeout: 60_000,
  })
}
