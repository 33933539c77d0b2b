import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { startVillage } from '../../src/app/start-village.ts'

/** The whole village as `npm start` runs it, with the upstream double as its provider. */
const [upstream = '', home = '', durability = 'process'] = process.argv.slice(2)
/** So high that the limit of the provider's plan is never what is measured. */
const requestsPerMinute = 100_000_000
await writeFile(
  path.join(home, 'village.json'),
  JSON.stringify({
    durability,
    agents: { king: { frontierModel: 'bench/fixed', teacherModel: null } },
    // A training run would be measured instead of the gateway.
    learning: { enabled: false },
    frontier: { requestsPerMinute },
    // The load sends one request over and over: every one of them is to reach the provider.
    cache: { singleFlight: false },
  }),
)

const village = await startVillage({
  environment: {
    ...process.env,
    VILLAGE_HOME: home,
    OPENROUTER_API_KEY: 'bench',
    OPENROUTER_BASE_URL: `${upstream}/v1`,
  },
  host: '127.0.0.1',
  port: 0,
})
const memoryUrl = process.env['BENCH_MEMORY_URL']
process.stdout.write(`${JSON.stringify({ url: village.url, key: village.key, memoryUrl })}\n`)

process.once('SIGTERM', () => {
  void village.close()
})
