import type { Budgets } from '../kernel/api-key.ts'
import {
  dayOf,
  firstDayOfMonth,
  firstDayOfNextMonth,
  firstDayOfWeek,
  startOfDayMs,
  type DayNumber,
} from '../kernel/days.ts'
import { noMoney, type NanoUsd } from '../kernel/money.ts'

type BudgetPeriod = keyof Budgets

/** What was spent in the UTC day, week and month of now, and in all. */
export type Spent = {
  readonly day: NanoUsd
  readonly week: NanoUsd
  readonly month: NanoUsd
  readonly total: NanoUsd
}

export type BudgetState = {
  readonly period: BudgetPeriod
  readonly limit: NanoUsd
  /** What is left, reservations not taken off; below zero when a call cost more than its bound. */
  readonly left: NanoUsd
  /** Null for the budget in all, which is never renewed. */
  readonly renewedAtMs: number | null
}

const periods = ['day', 'month', 'total'] as const

/** The money of one key or of the whole village: spent, promised to calls under way, and budgets. */
export class SpendAccount {
  /** For messages: "this key" or "the village". */
  readonly owner: string
  budgets: Budgets
  #today: DayNumber
  readonly #spent: { day: number; week: number; month: number; total: number }
  #reserved = 0

  constructor(options: {
    readonly owner: string
    readonly budgets: Budgets
    readonly nowMs: number
    readonly spent?: Spent
  }) {
    this.owner = options.owner
    this.budgets = options.budgets
    this.#today = dayOf(options.nowMs)
    const { day, week, month, total } = options.spent ?? nothingSpent
    this.#spent = { day, week, month, total }
  }

  spent(nowMs: number): Spent {
    this.#roll(nowMs)
    return { ...this.#spent } as Spent
  }

  states(nowMs: number): readonly BudgetState[] {
    this.#roll(nowMs)
    return periods.flatMap((period) => {
      const limit = this.budgets[period]
      if (limit === null) return []
      const left = (limit - this.#spent[period]) as NanoUsd
      return [{ period, limit, left, renewedAtMs: this.#renewedAtMs(period) }]
    })
  }

  /** The budget that the amount would exceed even if no other call were under way, or null. */
  exceededBy(amount: NanoUsd, nowMs: number): BudgetState | null {
    return this.states(nowMs).findLast(({ left }) => amount > left) ?? null
  }

  /** Is there room beside all that is promised already? */
  fits(amount: NanoUsd, nowMs: number): boolean {
    this.#roll(nowMs)
    const wanted = this.#reserved + amount
    return periods.every((period) => {
      const limit = this.budgets[period]
      return limit === null || this.#spent[period] + wanted <= limit
    })
  }

  /** Would there be room if nothing were spent? */
  couldHold(amount: NanoUsd): boolean {
    return periods.every((period) => amount <= (this.budgets[period] ?? Infinity))
  }

  reserve(amount: NanoUsd): void {
    this.#reserved += amount
  }

  release(amount: NanoUsd): void {
    this.#reserved -= amount
  }

  /** Counts a cost on the day of the call, which may be a day before now. */
  charge(cost: NanoUsd, atMs: number, nowMs: number): void {
    this.#roll(Math.max(atMs, nowMs))
    const day = dayOf(atMs)
    this.#spent.total += cost
    if (day >= firstDayOfMonth(this.#today)) this.#spent.month += cost
    if (day >= firstDayOfWeek(this.#today)) this.#spent.week += cost
    if (day === this.#today) this.#spent.day += cost
  }

  #renewedAtMs(period: BudgetPeriod): number | null {
    switch (period) {
      case 'day':
        return startOfDayMs(this.#today + 1)
      case 'month':
        return startOfDayMs(firstDayOfNextMonth(this.#today))
      case 'total':
        return null
    }
  }

  /** A new day, week or month starts at nothing; a clock set back changes nothing. */
  #roll(nowMs: number): void {
    const today = dayOf(nowMs)
    if (today <= this.#today) return
    if (firstDayOfWeek(today) !== firstDayOfWeek(this.#today)) this.#spent.week = 0
    if (firstDayOfMonth(today) !== firstDayOfMonth(this.#today)) this.#spent.month = 0
    this.#spent.day = 0
    this.#today = today
  }
}

export const nothingSpent: Spent = {
  day: noMoney,
  week: noMoney,
  month: noMoney,
  total: noMoney,
}
