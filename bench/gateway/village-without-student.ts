import path from 'node:path'
import type { VillageStatus } from '../../src/http/contract.ts'
import { createServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { noMoney } from '../../src/kernel/money.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { createOpenRouter } from '../../src/models/openrouter/openrouter.ts'
import { openStore } from '../../src/store/open-store.ts'
import {
  answerTask,
  streamTask,
  type PreparedTask,
} from '../../src/village/answering/answer-task.ts'
import { findKey, issueKey, KeyRing } from '../../src/village/access/key-ring.ts'
import { RateLimitsOfKeys } from '../../src/village/access/access.ts'
import { Spending } from '../../src/village/access/spending.ts'
import type { AnswerInput, VillageService } from '../../src/village/village-service.ts'

/**
 * Only what a call by slug passes (key, wire, ledger, OpenRouter adapter), for a machine without the
 * student or its runtime.
 */
const [baseUrl = '', folder = '', durability = 'process'] = process.argv.slice(2)
const clock = systemClock
const ids = createIds(clock, seededRandom(1))
const store = await openStore({
  path: path.join(folder, 'village.db'),
  durability: durability === 'power' ? 'power' : 'process',
  journal: true,
})
const catalogue = createOpenRouter({
  baseUrl: `${baseUrl}/v1`,
  apiKey: 'bench',
  clock,
  random: seededRandom(2),
  requestsPerMinute: Number.POSITIVE_INFINITY,
  simulated: true,
})
const ports = {
  ledger: store.ledger,
  simulated: true,
  clock,
  ids,
  estimateFrontierCost: () => noMoney,
  datasetOf: () => null,
  charge: () => undefined,
  onCommitted: () => undefined,
}

async function prepare(input: AnswerInput, signal: AbortSignal): Promise<PreparedTask> {
  const adapter = await catalogue.adapter(input.requestedModel, signal)
  return {
    taskId: ids.next('task'),
    requestedModel: input.requestedModel,
    streamed: input.streamed,
    agent: null,
    plan: null,
    task: null,
    keyId: null,
    candidates: [{ route: 'frontier', adapter, request: input.request }],
    skipped: [],
    decisionId: input.decisionId,
    ownPurpose: undefined,
  }
}

const service: VillageService = {
  answer: async (input, { signal }) => answerTask(await prepare(input, signal), ports, signal),
  stream: async function* (input, { signal }) {
    const answered = yield* streamTask(await prepare(input, signal), ports, signal)
    yield { type: 'answered', answered }
  },
  models: async () => [],
  model: () => Promise.reject(new Error('The bench asks for no model')),
  embed: () => Promise.reject(new Error('The bench embeds nothing')),
  generation: async () => null,
  recordFeedback: () => Promise.reject(new Error('The bench sends no feedback')),
  authenticate: (key) => findKey(store.keys, key, clock.now()),
}

const { key } = await issueKey({ name: 'bench', role: 'member' }, { keys: store.keys, clock, ids })
const app = createServer({
  service,
  access: {
    keys: new KeyRing({ keys: store.keys, clock, ids }),
    limits: new RateLimitsOfKeys(),
    spending: new Spending({ clock }),
  },
  status: { current: () => ({}) as VillageStatus, subscribe: () => () => undefined },
  trails: { find: async () => null },
  bodyLimitBytes: 8 * 1024 * 1024,
  clock,
  ids,
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ url, key })}\n`)

process.once('SIGTERM', () => {
  void (async () => {
    await app.close()
    await catalogue.close()
    await store.close()
  })()
})
