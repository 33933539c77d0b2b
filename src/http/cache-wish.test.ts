import { expect, test } from 'vitest'
import { readCacheWish } from './cache-wish.ts'

test('headers that say nothing give no wish', () => {
  expect(readCacheWish({ accept: '*/*' })).toBeUndefined()
})

test.each([
  [{ 'x-openrouter-cache': 'true' }, { asked: true }],
  [{ 'x-openrouter-cache': 'False' }, { asked: false }],
  [{ 'x-openrouter-cache': 'perhaps' }, {}],
  [{ 'cache-control': 'no-store' }, { noStore: true }],
  [{ 'cache-control': 'No-Cache, no-transform' }, { fresh: true }],
  [{ 'cache-control': 'max-age=30' }, { maxAgeMs: 30_000 }],
  [{ 'cache-control': 'max-age=0' }, { fresh: true, maxAgeMs: 0 }],
  [{ 'cache-control': 'max-age=-1, max-stale=5, private' }, {}],
  [
    { 'cache-control': 'no-cache, no-store', 'x-openrouter-cache': 'true' },
    { asked: true, fresh: true, noStore: true },
  ],
])('reads %o', (headers, wish) => {
  expect(readCacheWish(headers)).toEqual(wish)
})
