import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { systemClock } from '../kernel/clock.ts'
import { dayOf, firstDayOfMonth, firstDayOfWeek } from '../kernel/days.ts'
import { InvalidRequestError } from '../kernel/errors.ts'
import { createIds } from '../kernel/ids.ts'
import type { ApiKey } from '../kernel/api-key.ts'
import { noMoney, usdFromNanoUsd } from '../kernel/money.ts'
import type { VillageStore } from '../kernel/stores.ts'
import { openStore } from '../store/open-store.ts'
import { findKey, KeyRing, type IssuedKey, type KeyWishes } from '../village/access/key-ring.ts'
import { budgetsFrom } from './budgets.ts'
import { databaseOf, defaultHome, ownerKeyFileOf } from './home-folder.ts'

export type { IssuedKey } from '../village/access/key-ring.ts'

export type NewKeyOptions = Pick<KeyWishes, 'name' | 'role' | 'expiresAtMs'> & {
  readonly allowedModels: readonly string[] | null
  readonly limits: ApiKey['limits']
  readonly budgetsUsd: Parameters<typeof budgetsFrom>[0]
}

export type ListedKey = Omit<ApiKey, 'hash'> & { readonly spentUsd: number }

/** Whoever may write the home folder is the village's owner. The village may run meanwhile. */
export function createKey(
  environment: NodeJS.ProcessEnv,
  { budgetsUsd, ...wishes }: NewKeyOptions,
): Promise<IssuedKey> {
  return withKeys(environment, { mayMake: true }, ({ ring }) =>
    ring.issue({ ...wishes, budgets: budgetsFrom(budgetsUsd) }, 'owner'),
  )
}

export function listKeys(environment: NodeJS.ProcessEnv): Promise<readonly ListedKey[]> {
  return withKeys(environment, {}, async ({ ring, store }) => {
    const day = dayOf(systemClock.now())
    const since = { day, week: firstDayOfWeek(day), month: firstDayOfMonth(day) }
    const sums = new Map((await store.spend.sums(since)).map((sum) => [sum.keyId, sum]))
    const listed: ListedKey[] = []
    for (const { hash: _, ...key } of await ring.list()) {
      listed.push({ ...key, spentUsd: usdFromNanoUsd(sums.get(key.id)?.total ?? noMoney) })
    }
    return listed
  })
}

/** Where the key was the one in the home folder's file, the new one is written there. */
export function rotateKey(environment: NodeJS.ProcessEnv, id: string): Promise<IssuedKey> {
  return withKeys(environment, {}, async ({ ring, store, home }) => {
    const file = ownerKeyFileOf(home)
    const inFile = existsSync(file)
      ? await findKey(store.keys, readFileSync(file, 'utf8').trim(), systemClock.now())
      : null
    const issued = await ring.rotate(id, 'owner')
    if (inFile?.id === id) writeFileSync(file, `${issued.key}\n`, { mode: 0o600 })
    return issued
  })
}

export function revokeKey(environment: NodeJS.ProcessEnv, id: string): Promise<ApiKey> {
  return withKeys(environment, {}, ({ ring }) => ring.revoke(id, 'owner'))
}

async function withKeys<Result>(
  environment: NodeJS.ProcessEnv,
  { mayMake = false }: { readonly mayMake?: boolean },
  work: (parts: {
    readonly ring: KeyRing
    readonly store: VillageStore
    readonly home: string
  }) => Promise<Result>,
): Promise<Result> {
  const home = defaultHome(environment)
  const path = databaseOf(home)
  if (!mayMake && !existsSync(path)) {
    throw new InvalidRequestError(
      `There are no keys: ${path} does not exist. Start the village first, or set VILLAGE_HOME.`,
    )
  }
  const store = await openStore({ path, durability: 'power' })
  try {
    const ids = createIds(systemClock, Math.random)
    const ring = new KeyRing({ keys: store.keys, clock: systemClock, ids })
    return await work({ ring, store, home })
  } finally {
    await store.close()
  }
}
