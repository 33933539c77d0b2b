import { expect, test } from 'vitest'
import { noBudgets } from '../kernel/api-key.ts'
import { dayOf, firstDayOfMonth, firstDayOfNextMonth, firstDayOfWeek } from '../kernel/days.ts'
import type { NanoUsd } from '../kernel/money.ts'
import { SpendAccount } from './spend-account.ts'

const at = (text: string) => Date.parse(`${text}Z`)
const cost = (amount: number) => amount as NanoUsd

function accountAt(nowMs: number): SpendAccount {
  return new SpendAccount({ owner: 'this key', budgets: noBudgets, nowMs })
}

test('a new day, week and month begin with nothing spent, and the sum in all goes on', () => {
  const sunday = at('2026-11-29T23:59:59')
  const account = accountAt(sunday)
  account.charge(cost(5), sunday, sunday)

  expect(account.spent(sunday)).toEqual({ day: 5, week: 5, month: 5, total: 5 })
  expect(account.spent(at('2026-11-30T00:00:00'))).toEqual({ day: 0, week: 0, month: 5, total: 5 })
  expect(account.spent(at('2026-12-01T00:00:00'))).toEqual({ day: 0, week: 0, month: 0, total: 5 })
})

test('a call that began before midnight is counted on its own day', () => {
  const before = at('2026-11-30T23:59:58')
  const after = at('2026-12-01T00:00:03')
  const account = accountAt(before)

  account.charge(cost(7), before, after)

  expect(account.spent(after)).toEqual({ day: 0, week: 7, month: 0, total: 7 })
})

test('a clock that is set back gives no second budget', () => {
  const today = at('2026-11-23T12:00:00')
  const account = accountAt(today)
  account.charge(cost(3), today, today)

  expect(account.spent(at('2026-11-22T12:00:00')).day).toBe(3)
  expect(account.spent(today).day).toBe(3)
})

test.each([
  ['2026-11-23', '2026-11-23', '2026-11-01', '2026-12-01'],
  ['2026-11-29', '2026-11-23', '2026-11-01', '2026-12-01'],
  ['2027-01-01', '2026-12-28', '2027-01-01', '2027-02-01'],
  ['2028-02-29', '2028-02-28', '2028-02-01', '2028-03-01'],
  ['1970-01-01', '1969-12-29', '1970-01-01', '1970-02-01'],
])('%s lies in the week of %s and the month of %s', (day, week, month, nextMonth) => {
  const number = dayOf(at(`${day}T13:00:00`))

  expect(firstDayOfWeek(number)).toBe(dayOf(at(`${week}T00:00:00`)))
  expect(firstDayOfMonth(number)).toBe(dayOf(at(`${month}T00:00:00`)))
  expect(firstDayOfNextMonth(number)).toBe(dayOf(at(`${nextMonth}T00:00:00`)))
})
