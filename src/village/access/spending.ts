import { noBudgets } from '../../kernel/api-key.ts'
import type { ApiKey, Budgets } from '../../kernel/api-key.ts'
import type { ChatRequest } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import { dayOf, firstDayOfMonth, firstDayOfWeek } from '../../kernel/days.ts'
import type { ModelDescription } from '../../kernel/model-adapter.ts'
import { addMoney, noMoney, type NanoUsd } from '../../kernel/money.ts'
import type { SpendStore } from '../../kernel/stores.ts'
import { BudgetReservations, type Reservation } from '../../safety/budget-reservations.ts'
import { mostCostOf } from '../../safety/cost-bound.ts'
import {
  nothingSpent,
  SpendAccount,
  type BudgetState,
  type Spent,
} from '../../safety/spend-account.ts'

/** A model that may be called for a task, with the request composed for it. */
type PossibleCall = { readonly request: ChatRequest; readonly description: ModelDescription }

export type KeySpending = {
  readonly spent: Spent
  /** The state of each budget that the key has. */
  readonly budgets: readonly BudgetState[]
}

/**
 * Who has spent what: accounts in memory, taken up at the start from what the ledger wrote. The
 * village's account holds every call; a key's holds the calls that its requests were served with.
 */
export class Spending {
  readonly #clock: Clock
  readonly #reservations: BudgetReservations
  readonly #keys = new Map<string, SpendAccount>()
  #village: SpendAccount

  constructor(options: { readonly clock: Clock; readonly budgets?: Budgets }) {
    this.#clock = options.clock
    this.#reservations = new BudgetReservations(options.clock)
    this.#village = this.#account('the village', options.budgets ?? noBudgets)
  }

  /** Takes up what was spent before. */
  async restore(store: SpendStore): Promise<void> {
    const day = dayOf(this.#clock.now())
    const sums = await store.sums({ day, week: firstDayOfWeek(day), month: firstDayOfMonth(day) })
    let all = nothingSpent
    for (const { keyId, ...spent } of sums) {
      all = {
        day: addMoney(all.day, spent.day),
        week: addMoney(all.week, spent.week),
        month: addMoney(all.month, spent.month),
        total: addMoney(all.total, spent.total),
      }
      if (keyId !== null) this.#keys.set(keyId, this.#account('this key', noBudgets, spent))
    }
    this.#village = this.#account('the village', this.#village.budgets, all)
  }

  /** Is there any budget that a call of this caller counts against? */
  applyTo(caller: ApiKey | null): boolean {
    return hasBudget(this.#village.budgets) || (caller !== null && hasBudget(caller.budgets))
  }

  /**
   * Reserves the most that any one of the calls may cost: a call that failed costs nothing. Null when
   * no budget applies. Throws and rejects as `BudgetReservations.reserve` does.
   */
  reserve(
    caller: ApiKey | null,
    calls: readonly PossibleCall[],
    signal: AbortSignal,
  ): Reservation | null | Promise<Reservation> {
    return this.applyTo(caller) ? this.reserveCost(caller, mostOf(calls), signal) : null
  }

  /** As `reserve`, for a call whose highest cost is known. */
  reserveCost(
    caller: ApiKey | null,
    amount: NanoUsd,
    signal: AbortSignal,
  ): Reservation | null | Promise<Reservation> {
    const accounts = this.#limitedAccounts(caller)
    if (accounts === null || amount === 0) return null
    return this.#reservations.reserve(accounts, amount, signal)
  }

  /** As `reserve`, but `refused` where money is not there at this moment. */
  tryReserve(
    caller: ApiKey | null,
    calls: readonly PossibleCall[],
  ): Reservation | null | 'refused' {
    const accounts = this.#limitedAccounts(caller)
    if (accounts === null) return null
    const amount = mostOf(calls)
    return amount === 0 ? null : (this.#reservations.tryReserve(accounts, amount) ?? 'refused')
  }

  /** Is there money for a call of the village's own that may cost so much at most? */
  hasRoomFor(amount: NanoUsd): boolean {
    const nowMs = this.#clock.now()
    return this.#limitedAccounts(null)?.every((account) => account.fits(amount, nowMs)) ?? true
  }

  /** Could the budgets of the village ever pay a call of its own that may cost so much? */
  couldPay(amount: NanoUsd): boolean {
    return this.#village.couldHold(amount)
  }

  /** Counts what a call has cost; `keyId` is null for what the village did for itself. */
  charge(keyId: string | null, cost: NanoUsd, atMs: number): void {
    if (cost === 0) return
    const nowMs = this.#clock.now()
    this.#village.charge(cost, atMs, nowMs)
    if (keyId !== null) this.#accountOf(keyId).charge(cost, atMs, nowMs)
  }

  ofKey(key: ApiKey): KeySpending {
    const nowMs = this.#clock.now()
    const account = this.#accountOf(key.id)
    account.budgets = key.budgets
    return { spent: account.spent(nowMs), budgets: account.states(nowMs) }
  }

  /** Null when nobody set a budget: the usual case costs no more than this look. */
  #limitedAccounts(caller: ApiKey | null): readonly SpendAccount[] | null {
    const village = hasBudget(this.#village.budgets) ? [this.#village] : null
    if (caller === null) return village
    if (!hasBudget(caller.budgets)) return village
    const account = this.#accountOf(caller.id)
    account.budgets = caller.budgets
    return village === null ? [account] : [account, this.#village]
  }

  #accountOf(keyId: string): SpendAccount {
    const known = this.#keys.get(keyId)
    if (known !== undefined) return known
    const account = this.#account('this key', noBudgets)
    this.#keys.set(keyId, account)
    return account
  }

  #account(owner: string, budgets: Budgets, spent: Spent = nothingSpent): SpendAccount {
    return new SpendAccount({ owner, budgets, nowMs: this.#clock.now(), spent })
  }
}

function hasBudget({ day, month, total }: Budgets): boolean {
  return day !== null || month !== null || total !== null
}

function mostOf(calls: readonly PossibleCall[]): NanoUsd {
  let most = noMoney
  for (const { request, description } of calls) {
    const cost = mostCostOf(request, description)
    if (cost > most) most = cost
  }
  return most
}
