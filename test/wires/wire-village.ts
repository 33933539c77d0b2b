import { createServer } from '../../src/http/server.ts'
import type { VillageStatus } from '../../src/http/contract.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { VillageStore } from '../../src/kernel/stores.ts'
import { createOpenRouter } from '../../src/models/openrouter/openrouter.ts'
import { openStore } from '../../src/store/open-store.ts'
import { issueKey, KeyRing } from '../../src/village/access/key-ring.ts'
import { createTestVillage, temporaryFolder } from '../scripted-village.ts'
import { startFrontierDouble, type FrontierDouble } from './frontier-double.ts'

export type WireVillage = AsyncDisposable & {
  /** Such as `http://127.0.0.1:4040`. */
  readonly url: string
  readonly key: string
  readonly frontier: FrontierDouble
  readonly store: VillageStore
  /** Resolves when what follows from the answers so far is done. */
  whenIdle(): Promise<void>
}

/** The village's server, ledger and OpenRouter adapter in front of a scripted provider, on loopback. */
export async function startWireVillage(): Promise<WireVillage> {
  const folder = temporaryFolder()
  const frontier = await startFrontierDouble()
  const clock = systemClock
  const ids = createIds(clock, seededRandom(9))
  const store = await openStore({ path: `${folder.path}/village.db`, durability: 'process' })
  const catalogue = createOpenRouter({
    baseUrl: frontier.baseUrl,
    apiKey: 'sk-double',
    clock,
    random: seededRandom(8),
    requestsPerMinute: Number.POSITIVE_INFINITY,
    attempts: 2,
    simulated: false,
  })
  const { village, limits, spending } = createTestVillage({
    store,
    catalogue,
    frontier: () => 'unused',
    local: () => 'a local answer',
  })
  const { key } = await issueKey({ name: 'wires', role: 'owner' }, { keys: store.keys, clock, ids })
  const app = createServer({
    service: village,
    access: { keys: new KeyRing({ keys: store.keys, clock, ids }), limits, spending },
    status: { current: () => ({}) as VillageStatus, subscribe: () => () => undefined },
    trails: { find: () => Promise.resolve(null) },
    logger: { error: (details, message) => console.error(message, details), warn: () => undefined },
    bodyLimitBytes: 4_000_000,
    clock,
    ids,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    key,
    frontier,
    store,
    whenIdle: () => village.whenIdle(),
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await village.drain()
      await catalogue.close()
      await frontier.close()
      await store.close()
      folder.remove()
    },
  }
}
