import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CircuitBreaker, defaultBreakerSettings, type CallOutcome } from './circuit-breaker.ts'

const { firstOpenMs, longestOpenMs } = defaultBreakerSettings

/** Open since 0. */
function openBreaker(): CircuitBreaker {
  const breaker = new CircuitBreaker()
  for (let call = 0; call < 4; call += 1) breaker.end(breaker.begin(), 'bad', 0)
  return breaker
}

test('four failures on end open it, one in three does not', () => {
  const breaker = new CircuitBreaker()
  for (let call = 0; call < 99; call += 1) {
    breaker.end(breaker.begin(), call % 3 === 0 ? 'bad' : 'good', 0)
    expect(breaker.state(0)).toBe('closed')
  }

  expect(openBreaker().state(0)).toBe('open')
})

test('it is half-open when its time is over, and one trial at a time may run', () => {
  const breaker = openBreaker()

  expect(breaker.state(firstOpenMs - 1)).toBe('open')
  expect(breaker.state(firstOpenMs)).toBe('half-open')
  const trial = breaker.begin()

  expect(trial).toBeDefined()
  expect(() => breaker.begin()).toThrow('already under way')
})

test('a good trial closes it on probation, where one failure is enough', () => {
  const breaker = openBreaker()

  breaker.end(breaker.begin(), 'good', firstOpenMs)
  expect(breaker.state(firstOpenMs)).toBe('closed')
  breaker.end(breaker.begin(), 'bad', firstOpenMs)

  expect(breaker.state(firstOpenMs)).toBe('open')
})

test('each opening in a row lasts twice as long, up to a limit, until a call goes well', () => {
  const breaker = openBreaker()
  const lengths: number[] = []
  let nowMs = breaker.openUntilMs
  for (let trial = 0; trial < 7; trial += 1) {
    breaker.end(breaker.begin(), 'bad', nowMs)
    lengths.push(breaker.openUntilMs - nowMs)
    nowMs = breaker.openUntilMs
  }
  expect(lengths).toEqual([2000, 4000, 8000, 16_000, longestOpenMs, longestOpenMs, longestOpenMs])

  breaker.end(breaker.begin(), 'good', nowMs)
  breaker.end(breaker.begin(), 'good', nowMs)
  for (let call = 0; call < 4; call += 1) breaker.end(undefined, 'bad', nowMs)

  expect(breaker.openUntilMs - nowMs).toBe(firstOpenMs)
})

test('a trial that nobody waited for leaves room for the next', () => {
  const breaker = openBreaker()

  breaker.end(breaker.begin(), 'unknown', firstOpenMs)

  expect(breaker.state(firstOpenMs)).toBe('half-open')
  expect(breaker.begin()).toBeDefined()
})

test('an answer that has begun lets others in before it is whole', () => {
  const breaker = openBreaker()
  const trial = breaker.begin()

  breaker.answerBegan(trial)
  expect(breaker.state(firstOpenMs)).toBe('closed')
  breaker.end(trial, 'bad', firstOpenMs)

  expect(breaker.state(firstOpenMs)).toBe('open')
})

test('whatever ends in whatever order, at most one trial runs and a good one always helps', () => {
  const step = fc.record({
    begin: fc.boolean(),
    outcome: fc.constantFrom<CallOutcome>('good', 'bad', 'unknown'),
    which: fc.nat(20),
    passMs: fc.nat(3000),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const breaker = new CircuitBreaker()
      const calls: (symbol | undefined)[] = []
      let nowMs = 0
      for (const { begin, outcome, which, passMs } of steps) {
        nowMs += passMs
        if (begin && !breaker.trialRuns) calls.push(breaker.begin())
        const [call] = calls.splice(which % Math.max(1, calls.length), 1)
        if (!begin) breaker.end(call, outcome, nowMs)
        else calls.push(call)
        expect(breaker.failureShare).toBeGreaterThanOrEqual(0)
        expect(breaker.failureShare).toBeLessThanOrEqual(1)
        expect(breaker.openUntilMs).toBeLessThanOrEqual(nowMs + longestOpenMs)
        expect(breaker.trialRuns && breaker.closed).toBe(false)
      }
      while (calls.length > 0) breaker.end(calls.pop(), 'unknown', nowMs)
      breaker.end(breaker.trialRuns ? undefined : breaker.begin(), 'good', nowMs)
      expect(breaker.closed).toBe(true)
    }),
    { seed: 4, numRuns: 200 },
  )
})
