import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createBatchLineRunner } from '../src/http/batch-line.ts'
import { createServer } from '../src/http/server.ts'
import { systemClock } from '../src/kernel/clock.ts'
import type { Clock } from '../src/kernel/clock.ts'
import type { ModelPrice } from '../src/kernel/model-adapter.ts'
import type { NanoUsd } from '../src/kernel/money.ts'
import { createIds } from '../src/kernel/ids.ts'
import { seededRandom } from '../src/kernel/random.ts'
import { openBatches } from '../src/app/open-batches.ts'
import { openSharing } from '../src/app/open-sharing.ts'
import type { TextEmbedder } from '../src/kernel/text-embedder.ts'
import { openStore } from '../src/store/open-store.ts'
import { issueKey, KeyRing } from '../src/village/access/key-ring.ts'
import { VillageSettings } from '../src/village/settings.ts'
import { findTrail } from '../src/village/figures/trail.ts'
import { createTestVillage } from './scripted-village.ts'
import type { Script } from './scripted-models.ts'

/** A village with scripted models behind its HTTP server, with cache, batches and two keys. */
export async function serveTestVillage(options: {
  readonly folder: string
  readonly frontier: Script
  readonly settings?: object
  readonly seed: number
  /** Of the frontier models; free when left out. */
  readonly price?: ModelPrice
  /** What each frontier call really costs. */
  readonly cost?: NanoUsd
  readonly clock?: Clock
  /** For kept answers to similar requests. */
  readonly embedder?: TextEmbedder
}) {
  const clock = options.clock ?? systemClock
  const ids = createIds(clock, seededRandom(options.seed))
  const settings = VillageSettings.parse({
    frontier: { requestsPerMinute: 1_000_000 },
    ...options.settings,
  })
  const store = await openStore({
    path: join(options.folder, 'village.db'),
    durability: 'process',
  })
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const made = createTestVillage({
    store,
    frontier: options.frontier,
    clock,
    local: options.frontier,
    // Ids of two sources with one seed can be equal.
    seed: options.seed + 1_000,
    ...(options.price !== undefined && { price: options.price }),
    ...(options.cost !== undefined && { cost: options.cost }),
  })
  const stopping = new AbortController()
  const sharing = openSharing({
    village: made.village,
    store,
    clock,
    ids,
    random: seededRandom(options.seed + 1),
    codeRunner: {
      run: () => Promise.reject(new Error('no test is run here')),
      close: () => Promise.resolve(),
    },
    settings: settings.cache,
    embedder: options.embedder ?? null,
    origin: 'test',
    signal: stopping.signal,
    onError,
  })
  const { cache, service } = sharing
  await sharing.start(() => true)
  const { batches, batchProcessor } = openBatches({
    store: store.batches,
    folder: join(options.folder, 'files'),
    clock,
    ids,
    settings,
    local: { workload: () => ({ running: 0, waiting: 0, sequences: 4 }) },
    answering: () => service.answering,
    onError,
  })
  const ring = new KeyRing({ keys: store.keys, clock, ids })
  const app: FastifyInstance = createServer({
    service,
    access: {
      keys: ring,
      limits: made.limits,
      spending: made.spending,
    },
    answers: service,
    batches,
    status: { current: () => ({}) as never, subscribe: () => () => undefined },
    trails: { find: (id) => findTrail(store.ledger, id) },
    bodyLimitBytes: 1_000_000,
    clock,
    ids,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  await batchProcessor.start(
    createBatchLineRunner({
      service,
      keys: store.keys,
      clock,
      ids,
      bodyLimitBytes: 1_000_000,
      reportBug: onError,
    }),
  )
  const keys = await Promise.all(
    ['first', 'second'].map((name) =>
      issueKey({ name, role: 'operator' }, { keys: store.keys, clock, ids }),
    ),
  )
  const [firstKey, secondKey] = keys.map(({ key }) => key)
  return {
    ...made,
    url,
    service,
    sharing,
    cache,
    store,
    batchProcessor,
    ring,
    errors,
    firstKey: firstKey ?? '',
    secondKey: secondKey ?? '',
    close: async () => {
      await app.close()
      await batchProcessor.stop()
      await made.village.drain()
      stopping.abort()
      await sharing.stopped()
      await store.close()
    },
  }
}

export type ServedTestVillage = Awaited<ReturnType<typeof serveTestVillage>>
