import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { VillageStore } from '../kernel/stores.ts'
import { RateLimitsOfKeys, type Access } from '../village/access/access.ts'
import { KeyRing } from '../village/access/key-ring.ts'
import type { VillageSettings } from '../village/settings.ts'
import { Spending } from '../village/access/spending.ts'
import { budgetsFrom } from './budgets.ts'

/** Keys, limits and money, with what was spent before. */
export async function openAccess(parts: {
  readonly store: Pick<VillageStore, 'keys' | 'spend'>
  readonly clock: Clock
  readonly ids: Ids
  readonly settings: Pick<VillageSettings, 'budgets'>
}): Promise<Access> {
  const { store, clock, ids, settings } = parts
  const spending = new Spending({ clock, budgets: budgetsFrom(settings.budgets) })
  await spending.restore(store.spend)
  const keys = new KeyRing({ keys: store.keys, clock, ids })
  return { keys, limits: new RateLimitsOfKeys(), spending }
}
