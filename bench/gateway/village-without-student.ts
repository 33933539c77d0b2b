import path from 'node:path'
import type { VillageStatus } from '../../src/http/contract.ts'
import { createServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { noMoney } from '../../src/kernel/money.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { createOpenRouter } from '../../src/models/openrouter/openrouter.ts'
import { openStore } from '../../src/store/open-store.ts'
import { answerTask, streamTask, type PreparedTask } from '../../src/village/answer-task.ts'
import { findKey, issueKey } from '../../src/village/key-ring.ts'
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
    candidates: [{ route: 'frontier', adapter, request: input.request }],
  }
}

const service: VillageService = {
  answer: async (input, { signal }) => answerTask(await prepare(input, signal), ports, signal),
  stream: async function* (input, { signal }) {
    const answered = yield* streamTask(await prepare(input, signal), ports, signal)
    yield { type: 'answered', answered }
  },
  models: async () => [],
  recordFeedback: () => Promise.reject(new Error('The bench sends no feedback')),
  authenticate: (key) => findKey(store.keys, key),
}

const { key } = await issueKey('bench', { keys: store.keys, clock, ids })
const app = createServer({
  service,
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
