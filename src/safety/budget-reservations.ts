import { BudgetExceededError, RateLimitError } from '../kernel/access-errors.ts'
import type { Clock } from '../kernel/clock.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { BudgetState, SpendAccount } from './spend-account.ts'

/** Money promised to a call; `release` it once what the call really cost was charged. */
export type Reservation = { release(): void }

type Waiter = {
  readonly accounts: readonly SpendAccount[]
  readonly amount: NanoUsd
  readonly grant: (reservation: Reservation) => void
  readonly refuse: (error: Error) => void
}

const mostWaiters = 10_000
const retryWhenCrowdedMs = 1000

/**
 * Hard budgets: a call starts only when its worst case fits beside what is spent and promised. One
 * that would fit once others have settled waits for them, first come first served; one that cannot
 * fit any more is refused. All in memory and without a pause between looking and taking.
 */
export class BudgetReservations {
  readonly #clock: Clock
  readonly #waiters = new Map<SpendAccount, Set<Waiter>>()
  #waiting = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Throws `BudgetExceededError`, or `RateLimitError` when too many wait already; the promise
   * rejects with the same, or with the signal's reason.
   */
  reserve(
    accounts: readonly SpendAccount[],
    amount: NanoUsd,
    signal: AbortSignal,
  ): Reservation | Promise<Reservation> {
    const blocking = this.#blocking(accounts, amount)
    if (blocking === null) return this.#take(accounts, amount)
    if (this.#waiting >= mostWaiters) {
      throw new RateLimitError(
        `${mostWaiters} requests wait for money promised to others; try again in a second.`,
        retryWhenCrowdedMs,
      )
    }
    return this.#wait(blocking, { accounts, amount }, signal)
  }

  /** Null when there is no room at this moment. */
  tryReserve(accounts: readonly SpendAccount[], amount: NanoUsd): Reservation | null {
    const nowMs = this.#clock.now()
    return accounts.every((account) => account.fits(amount, nowMs))
      ? this.#take(accounts, amount)
      : null
  }

  /** The account for whose sake the amount must wait, or null. Throws when waiting is of no use. */
  #blocking(accounts: readonly SpendAccount[], amount: NanoUsd): SpendAccount | null {
    const nowMs = this.#clock.now()
    for (const account of accounts) {
      const exceeded = account.exceededBy(amount, nowMs)
      if (exceeded !== null) throw budgetExceeded(account.owner, exceeded, amount, nowMs)
    }
    return (
      accounts.find((account) => this.#waiters.has(account) || !account.fits(amount, nowMs)) ?? null
    )
  }

  #take(accounts: readonly SpendAccount[], amount: NanoUsd): Reservation {
    for (const account of accounts) account.reserve(amount)
    let released = false
    return {
      release: () => {
        if (released) return
        released = true
        for (const account of accounts) account.release(amount)
        for (const account of accounts) this.#serveWaiters(account)
      },
    }
  }

  #wait(
    blocking: SpendAccount,
    wanted: { readonly accounts: readonly SpendAccount[]; readonly amount: NanoUsd },
    signal: AbortSignal,
  ): Promise<Reservation> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort)
        this.#waiting -= 1
      }
      const waiter: Waiter = {
        ...wanted,
        grant: (reservation) => {
          leave()
          resolve(reservation)
        },
        refuse: (error) => {
          leave()
          reject(error)
        },
      }
      const onAbort = (): void => {
        for (const account of wanted.accounts) {
          if (this.#remove(account, waiter)) this.#serveWaiters(account)
        }
        waiter.refuse(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting += 1
      this.#add(blocking, waiter)
    })
  }

  /** Grants and refuses from the front for as long as that is decided. */
  #serveWaiters(account: SpendAccount): void {
    for (let next = this.#first(account); next !== undefined; next = this.#first(account)) {
      const nowMs = this.#clock.now()
      const { accounts, amount } = next
      const broke = accounts.find((one) => one.exceededBy(amount, nowMs) !== null)
      const exceeded = broke?.exceededBy(amount, nowMs) ?? null
      if (broke !== undefined && exceeded !== null) {
        this.#remove(account, next)
        next.refuse(budgetExceeded(broke.owner, exceeded, amount, nowMs))
        continue
      }
      const blocking = accounts.find((one) => !one.fits(amount, nowMs))
      if (blocking === account) return
      this.#remove(account, next)
      if (blocking === undefined) next.grant(this.#take(accounts, amount))
      else this.#add(blocking, next)
    }
  }

  #first(account: SpendAccount): Waiter | undefined {
    return this.#waiters.get(account)?.values().next().value
  }

  #add(account: SpendAccount, waiter: Waiter): void {
    const waiters = this.#waiters.get(account) ?? new Set()
    this.#waiters.set(account, waiters.add(waiter))
  }

  #remove(account: SpendAccount, waiter: Waiter): boolean {
    const waiters = this.#waiters.get(account)
    if (waiters?.delete(waiter) !== true) return false
    if (waiters.size === 0) this.#waiters.delete(account)
    return true
  }
}

const periodNames = {
  day: 'daily budget',
  month: 'monthly budget',
  total: 'budget in all',
} as const

function budgetExceeded(
  owner: string,
  state: BudgetState,
  amount: NanoUsd,
  nowMs: number,
): BudgetExceededError {
  const { period, limit, left, renewedAtMs } = state
  const budget = `The ${periodNames[period]} of ${owner}, ${usd(limit)},`
  const found =
    left <= 0
      ? `${budget} is used up.`
      : `${budget} has ${usd(left)} left, and this request may cost up to ${usd(amount)}: ` +
        'lower max_tokens or shorten the prompt.'
  return new BudgetExceededError(
    renewedAtMs === null
      ? `${found} It is not renewed by itself; ask the owner of the village for more.`
      : `${found} It is renewed at ${new Date(renewedAtMs).toISOString()}.`,
    renewedAtMs === null ? null : renewedAtMs - nowMs,
  )
}

/** Up to nine decimals, so that no amount is rounded to nothing. */
function usd(amount: NanoUsd): string {
  return `$${(amount / 1e9).toFixed(9).replace(/\.?0+$/, '')}`
}
