import type { Budgets } from '../kernel/api-key.ts'
import { nanoUsdFromUsd } from '../kernel/money.ts'

/** From dollars, as people write them, to the village's own unit. */
export function budgetsFrom(usd: {
  readonly dailyUsd: number | null
  readonly monthlyUsd: number | null
  readonly totalUsd: number | null
}): Budgets {
  const amount = (value: number | null) => (value === null ? null : nanoUsdFromUsd(value))
  return { day: amount(usd.dailyUsd), month: amount(usd.monthlyUsd), total: amount(usd.totalUsd) }
}
