import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BudgetExceededError } from '../kernel/access-errors.ts'
import { noBudgets } from '../kernel/api-key.ts'
import type { NanoUsd } from '../kernel/money.ts'
import { seededRandom } from '../kernel/random.ts'
import { BudgetReservations } from './budget-reservations.ts'
import { SpendAccount } from './spend-account.ts'

const usd = (amount: number) => Math.round(amount * 1e9) as NanoUsd
const startMs = Date.UTC(2026, 10, 23, 12)
const never = new AbortController().signal

function world() {
  let nowMs = startMs
  const clock = { now: () => nowMs, sleep: () => Promise.reject(new Error('not used')) }
  const account = (budgets: Partial<typeof noBudgets>, owner = 'this key') =>
    new SpendAccount({ owner, budgets: { ...noBudgets, ...budgets }, nowMs })
  return {
    reservations: new BudgetReservations(clock),
    account,
    clock,
    advance: (durationMs: number) => (nowMs += durationMs),
  }
}

type World = ReturnType<typeof world>

/** A request as the village serves it: reserve, call a model for a while, charge, release. */
async function serve(
  { reservations, clock }: World,
  accounts: readonly SpendAccount[],
  request: { readonly most: NanoUsd; readonly real: NanoUsd; readonly turns: number },
): Promise<'served' | 'refused'> {
  try {
    const reservation = await reservations.reserve(accounts, request.most, never)
    for (let turn = 0; turn < request.turns; turn += 1) await Promise.resolve()
    for (const account of accounts) account.charge(request.real, clock.now(), clock.now())
    reservation.release()
    return 'served'
  } catch (error) {
    if (error instanceof BudgetExceededError) return 'refused'
    throw error
  }
}

async function serveAll(
  made: World,
  accounts: readonly SpendAccount[],
  requests: readonly { most: NanoUsd; real: NanoUsd; turns: number }[],
) {
  const outcomes = await Promise.all(requests.map((request) => serve(made, accounts, request)))
  return outcomes.filter((outcome) => outcome === 'served').length
}

test('of 1,000 requests at once that may cost a cent each, a dollar serves all that cost little', async () => {
  const made = world()
  const account = made.account({ total: usd(1) })

  const served = await serveAll(
    made,
    [account],
    Array.from({ length: 1000 }, () => ({ most: usd(0.01), real: usd(0.0009), turns: 3 })),
  )

  expect(served).toBe(1000)
  expect(account.spent(startMs).total).toBe(usd(0.9))
})

test('of 1,000 requests at once that do cost a cent each, a dollar serves exactly a hundred', async () => {
  const made = world()
  const account = made.account({ day: usd(1) })

  const served = await serveAll(
    made,
    [account],
    Array.from({ length: 1000 }, (_, index) => ({
      most: usd(0.01),
      real: usd(0.01),
      turns: index % 7,
    })),
  )

  expect(served).toBe(100)
  expect(account.spent(startMs).total).toBe(usd(1))
})

test('1,000 requests of every price never spend more than there is, nor leave what one could have had', async () => {
  for (const seed of [1, 2, 3]) {
    const made = world()
    const random = seededRandom(seed)
    const key = made.account({ total: usd(1) })
    const village = made.account({ month: usd(1.2) }, 'the village')
    const requests = Array.from({ length: 1000 }, () => {
      const most = usd(0.0005 + random() * 0.02)
      return {
        most,
        real: Math.floor(most * random()) as NanoUsd,
        turns: Math.floor(random() * 9),
      }
    })
    const refusedWhile: NanoUsd[] = []

    await Promise.all(
      requests.map(async (request) => {
        const outcome = await serve(made, [key, village], request)
        const left = usd(1) - key.spent(startMs).total
        expect(left).toBeGreaterThanOrEqual(0)
        if (outcome === 'refused') refusedWhile.push((request.most - left) as NanoUsd)
      }),
    )

    expect(refusedWhile.length).toBeGreaterThan(0)
    expect(Math.min(...refusedWhile)).toBeGreaterThan(0)
  }
})

test('whatever the accounts, amounts and order, nobody waits for ever and no budget is passed', async () => {
  const call = fc.record({
    most: fc.integer({ min: 1, max: 120 }),
    share: fc.integer({ min: 0, max: 10 }),
    turns: fc.nat(6),
    key: fc.nat(2),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 60 }),
      fc.array(fc.integer({ min: 50, max: 400 }), { minLength: 4, maxLength: 4 }),
      async (calls, [villageLimit = 0, ...keyLimits]) => {
        const made = world()
        const village = made.account({ total: villageLimit as NanoUsd }, 'the village')
        const keys = keyLimits.map((limit) => made.account({ day: limit as NanoUsd }))

        await Promise.all(
          calls.map(({ most, share, turns, key }) =>
            serve(made, [keys[key] ?? village, village], {
              most: most as NanoUsd,
              real: Math.floor((most * share) / 10) as NanoUsd,
              turns,
            }),
          ),
        )

        expect(village.spent(startMs).total).toBeLessThanOrEqual(villageLimit)
        for (const [index, account] of keys.entries()) {
          expect(account.spent(startMs).day).toBeLessThanOrEqual(keyLimits[index] ?? 0)
        }
        // Nothing stays promised: all that is left can be had.
        const left = (villageLimit - village.spent(startMs).total) as NanoUsd
        expect(village.fits(left, startMs)).toBe(true)
      },
    ),
    { seed: 4, numRuns: 300 },
  )
})

test('a request that waits leaves when its client does, and lets the next one through', async () => {
  const made = world()
  const account = made.account({ total: usd(1) })
  const held = await made.reservations.reserve([account], usd(0.6), never)
  const controller = new AbortController()
  const large = made.reservations.reserve([account], usd(0.9), controller.signal)
  const small = made.reservations.reserve([account], usd(0.3), never)
  expect(small).toBeInstanceOf(Promise)

  controller.abort(new Error('the client left'))

  await expect(large).rejects.toThrow('the client left')
  await expect(small).resolves.toHaveProperty('release')
  held.release()
})

test('those who wait are served in the order in which they came', async () => {
  const made = world()
  const account = made.account({ total: usd(1) })
  const held = await made.reservations.reserve([account], usd(1), never)
  const order: number[] = []
  const waiting = [0.5, 0.4, 0.1].map(async (amount, index) => {
    const reservation = await made.reservations.reserve([account], usd(amount), never)
    order.push(index)
    return reservation
  })

  held.release()
  await Promise.all(waiting)

  expect(order).toEqual([0, 1, 2])
})

test('a promise given back twice frees the money once', async () => {
  const made = world()
  const account = made.account({ total: usd(1) })
  const held = await made.reservations.reserve([account], usd(0.6), never)
  await made.reservations.reserve([account], usd(0.3), never)

  held.release()
  held.release()

  expect(account.fits(usd(0.7), startMs)).toBe(true)
  expect(account.fits(usd(0.71), startMs)).toBe(false)
})

test('says which budget is used up, what is left, and when there is more', () => {
  const made = world()
  const account = made.account({ day: usd(1), total: usd(50) })
  account.charge(usd(0.75), startMs, startMs)

  const refused = () => made.reservations.reserve([account], usd(0.3), never)

  expect(refused).toThrow(
    'The daily budget of this key, $1, has $0.25 left, and this request may cost up to $0.3: ' +
      'lower max_tokens or shorten the prompt. It is renewed at 2026-11-24T00:00:00.000Z.',
  )
  made.advance(12 * 3_600_000)
  expect(refused).not.toThrow()
})

test('a budget in all is never renewed, and says whom to ask', () => {
  const made = world()
  const account = made.account({ total: usd(1) })
  account.charge(usd(1), startMs, startMs)

  expect(() => made.reservations.reserve([account], usd(0.1), never)).toThrow(
    'The budget in all of this key, $1, is used up. It is not renewed by itself',
  )
})
