import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startChild } from './gateway/child.ts'
import { startContenders, type Contender } from './gateway/contenders.ts'
import type { LoadOrder, LoadResult } from './gateway/load.ts'
import { summarise, tableOf, type Measured } from './gateway/summary.ts'

/**
 * `npm run bench:gateway -- --json`: the village against Portkey's gateway, a bare Fastify and undici
 * proxy and no gateway at all, in one run against one upstream double, all on loopback. The rounds
 * are interleaved, so that whatever else the machine does meets all of them.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    /** What the village's ledger survives: the `process`, or a `power` cut. */
    durability: { type: 'string', default: 'process' },
    /** Leaves out the local models, which a call by slug never meets. */
    'without-student': { type: 'boolean', default: false },
  },
})

const warmUpMs = 500
const longestRunMs = 90_000
const body = JSON.stringify({
  model: 'bench/fixed',
  messages: [
    { role: 'system', content: 'You sort support messages by topic and urgency.' },
    {
      role: 'user',
      content:
        'My card was charged twice for the March invoice and the bank wants an answer today.',
    },
  ],
  temperature: 0,
  max_tokens: 64,
})

async function measure(contender: Contender, connections: number): Promise<LoadResult> {
  const order: LoadOrder = {
    url: contender.url,
    headers: contender.headers,
    body,
    connections,
    warmUpMs,
    durationMs: Number(options.seconds) * 1000,
  }
  const load = fileURLToPath(new URL('./gateway/load.ts', import.meta.url))
  const child = await startChild(load, [JSON.stringify(order)])
  await child.stop()
  return child.said as LoadResult
}

const startedAtMs = Date.now()
const field = await startContenders({
  durability: options.durability === 'power' ? 'power' : 'process',
  withStudent: !options['without-student'],
})
const measured: Measured[] = []
try {
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const connections of [16, 1]) {
      for (const contender of field.contenders) {
        if (Date.now() - startedAtMs > longestRunMs) throw new Error('The bench took too long')
        const result = await measure(contender, connections)
        measured.push({ contender: contender.name, connections, round, result })
      }
    }
  }
} finally {
  await field.stop()
}

const rows = summarise(measured).toSorted((a, b) => b.connections - a.connections)
const machine = { node: process.version, cores: availableParallelism() }
process.stdout.write(
  options.json
    ? `${JSON.stringify({ ...machine, durability: options.durability, rows, rounds: measured })}\n`
    : `${tableOf(rows)}\n`,
)
if (rows.some(({ failures }) => failures > 0)) process.exitCode = 1
