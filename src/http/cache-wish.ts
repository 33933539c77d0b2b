import type { IncomingHttpHeaders } from 'node:http'
import type { CacheWish } from '../kernel/cached-answer.ts'

/**
 * What the headers say about earlier answers: `X-OpenRouter-Cache: true|false`, and the request
 * directives of `Cache-Control` (RFC 9111, section 5.2.1) that a gateway can honour. Undefined when
 * they say nothing.
 */
export function readCacheWish(headers: IncomingHttpHeaders): CacheWish | undefined {
  const control = headers['cache-control']
  const switched = headers['x-openrouter-cache']
  if (control === undefined && switched === undefined) return undefined
  const asked = switchOf(switched)
  const { noStore, fresh, maxAgeMs } = directivesOf(control ?? '')
  return {
    ...(asked !== undefined && { asked }),
    ...(noStore && { noStore }),
    ...(fresh && { fresh }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
  }
}

function switchOf(value: string | string[] | undefined): boolean | undefined {
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase()
  if (word === 'true') return true
  return word === 'false' ? false : undefined
}

function directivesOf(control: string): {
  readonly noStore: boolean
  readonly fresh: boolean
  readonly maxAgeMs: number | undefined
} {
  const directives = control
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim())
  const seconds = directives
    .map((directive) => /^max-age="?(\d{1,9})"?$/.exec(directive)?.[1])
    .find((match) => match !== undefined)
  const maxAgeMs = seconds === undefined ? undefined : Number(seconds) * 1000
  return {
    noStore: directives.includes('no-store'),
    fresh: directives.includes('no-cache') || maxAgeMs === 0,
    maxAgeMs,
  }
}
