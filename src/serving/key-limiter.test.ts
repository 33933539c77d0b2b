import { expect, test } from 'vitest'
import { RateLimitError } from '../kernel/access-errors.ts'
import { noRateLimits } from '../kernel/api-key.ts'
import { KeyLimiter } from './key-limiter.ts'

const nothing = { tokens: 0, atMs: 0 }

function refusalOf(act: () => void): RateLimitError {
  try {
    act()
  } catch (error) {
    if (error instanceof RateLimitError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('refuses the request beyond the minute, and says when to come back', () => {
  const limiter = new KeyLimiter({ ...noRateLimits, requestsPerMinute: 2 })
  limiter.begin(10_000)
  limiter.begin(20_000)

  const refused = refusalOf(() => limiter.begin(30_000))

  expect(refused.message).toContain('2 requests a minute')
  expect(refused.retryAfterMs).toBe(41_000)
  expect(limiter.requestState(30_000)).toEqual({ limit: 2, remaining: 0, resetMs: 51_000 })
  expect(() => limiter.begin(71_000)).not.toThrow()
})

test('a refused request takes nothing: neither a place nor a request', () => {
  const limiter = new KeyLimiter({
    requestsPerMinute: 2,
    tokensPerMinute: null,
    concurrentRequests: 1,
  })
  limiter.begin(0)

  const refused = refusalOf(() => limiter.begin(0))
  limiter.end(0, nothing)
  limiter.begin(0)

  expect(refused.message).toContain('1 request under way')
  expect(limiter.requestState(0)?.remaining).toBe(0)
})

test('replaces the tokens that a request might use by those it used', () => {
  const limiter = new KeyLimiter({ ...noRateLimits, tokensPerMinute: 1000 })
  limiter.begin(0)
  limiter.takeTokens(0, 900)
  const whileUnderWay = refusalOf(() => limiter.takeTokens(0, 200))

  limiter.useTokens(1000, 50)
  limiter.end(1000, { tokens: 900, atMs: 0 })

  expect(whileUnderWay.retryAfterMs).toBe(61_000)
  expect(limiter.tokenState(1000)?.remaining).toBe(950)
  expect(() => limiter.takeTokens(1000, 950)).not.toThrow()
})

test('says that a request larger than the limit never passes', () => {
  const limiter = new KeyLimiter({ ...noRateLimits, tokensPerMinute: 100 })

  const refused = refusalOf(() => limiter.takeTokens(0, 101))

  expect(refused.retryAfterMs).toBeNull()
  expect(refused.message).toContain('lower max_tokens')
})
