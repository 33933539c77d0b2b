import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startVillage } from '../src/app/start-village.ts'
import { deriveSeed, seededRandom } from '../src/kernel/random.ts'
import { askGateway } from './chaos/chaos-client.ts'
import { startChaoticReplicas } from './chaos/chaotic-replicas.ts'
import { leftAfter, runChaos } from './chaos/run-chaos.ts'

/**
 * `npm run bench:chaos -- [--requests N] [--concurrency N] [--answers-per-phase N] [--seed S]
 * [--timeout-ms N] [--json]`: a whole village over
 * HTTP in front of two replicas, of which one is in trouble at times and never both. Ends with code 1
 * when a client saw a failure that the other replica could have kept from it, or when a request or a
 * socket hangs.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    concurrency: { type: 'string', default: '32' },
    /** Answers after which the trouble moves on to the other replica. */
    'answers-per-phase': { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    /**
     * Of a replica's answer. Where the machine stands still for as long, the gateway gives up on a
     * replica whose first word it has not read yet, and rightly asks the other one: to the bench,
     * which sees what replicas send, that is a repetition.
     */
    'timeout-ms': { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
  },
})
const requests = Number(values.requests)
const seed = Number(values.seed)
const timeoutMs = Number(values['timeout-ms'])
const longestCloseMs = 10_000
const model = 'acme/chaos'

const replicas = await startChaoticReplicas({
  random: seededRandom(deriveSeed(seed, 'faults')),
  answersPerPhase: Number(values['answers-per-phase']),
})
const home = mkdtempSync(join(tmpdir(), 'village-chaos-'))
const [north, south] = replicas.baseUrls
writeFileSync(
  join(home, 'village.json'),
  JSON.stringify({
    learning: { enabled: false },
    servers: { north: { baseUrl: north, timeoutMs }, south: { baseUrl: south, timeoutMs } },
    models: { [model]: { replicas: [{ server: 'north' }, { server: 'south' }] } },
  }),
)
const village = await startVillage({
  // A key, so that no simulated provider is started; nobody asks for a model of the provider.
  environment: {
    ...process.env,
    VILLAGE_HOME: home,
    OPENROUTER_API_KEY: 'unused',
    OPENROUTER_BASE_URL: 'http://127.0.0.1:9/v1',
  },
  host: '127.0.0.1',
  port: 0,
  seed,
})
const startedAt = performance.now()
const report = await runChaos({
  replicas,
  requests,
  concurrency: Number(values.concurrency),
  ask: (prompt, streamed, signal) =>
    askGateway({ url: village.url, key: village.key, model }, prompt, { streamed, signal }),
  onProgress: (done) => {
    if (!values.json && done % 5000 === 0) process.stdout.write(`${done} of ${requests}\n`)
  },
})
const seconds = (performance.now() - startedAt) / 1000
replicas.calm()
const openRequests = await leftAfter(() => replicas.openRequests(), longestCloseMs)
await village.close()
const openSockets = await leftAfter(() => replicas.openSockets(), longestCloseMs)
await replicas.close()
rmSync(home, { recursive: true, force: true })

const summary = {
  requests,
  seed,
  seconds: Number(seconds.toFixed(1)),
  answered: report.answered,
  failuresSeenByClients: report.failures.length,
  wrongAnswers: report.wrong.length,
  streamsBrokenAfterFirstWord: replicas.broken.size,
  toldToTheClient: report.brokenAndTold,
  repeatedAfterFirstWord: replicas.repeated.length,
  hungRequests: report.hung + openRequests,
  hungSockets: openSockets,
  slowestMs: Math.round(report.slowestMs),
  injected: replicas.injected,
}
if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
else console.table({ ...summary, injected: JSON.stringify(summary.injected) })
for (const failure of [...report.failures, ...report.wrong].slice(0, 20)) {
  process.stderr.write(`${failure}\n`)
}
const passed =
  summary.failuresSeenByClients === 0 &&
  summary.wrongAnswers === 0 &&
  summary.streamsBrokenAfterFirstWord === summary.toldToTheClient &&
  summary.repeatedAfterFirstWord === 0 &&
  summary.hungRequests === 0 &&
  summary.hungSockets === 0
process.exitCode = passed ? 0 : 1
