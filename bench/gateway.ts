import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startChild } from './gateway/child.ts'
import { startContenders, type Contender } from './gateway/contenders.ts'
import type { LoadOrder, LoadResult } from './gateway/load.ts'
import { processorTimeMs } from './gateway/processor-time.ts'
import { summarise, tableOf, type Measured } from './gateway/summary.ts'

/**
 * `npm run bench:gateway -- --json [--litellm PYTHON]`: the village against Portkey's gateway, a bare Fastify and undici
 * proxy and no gateway at all (and LiteLLM, where a Python that has it is named), in one run against one upstream double, all on loopback. The rounds
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
    /** A Python that has `litellm[proxy]`. */
    litellm: { type: 'string' },
  },
})

const warmUpMs = 500
const longestRunMs = 300_000
const request = {
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
}

type Measurement = Pick<Measured, 'result' | 'processorMicroseconds'>

async function measure(contender: Contender, connections: number): Promise<Measurement> {
  const order: LoadOrder = {
    url: contender.url,
    headers: contender.headers,
    body: JSON.stringify({ model: contender.model, ...request }),
    connections,
    warmUpMs,
    durationMs: Number(options.seconds) * 1000,
  }
  const load = fileURLToPath(new URL('./gateway/load.ts', import.meta.url))
  const before = processorTimeMs(contender.pid)
  const child = await startChild(load, [JSON.stringify(order)])
  const after = processorTimeMs(contender.pid)
  await child.stop()
  const result = child.said as LoadResult
  // The warm-up is not counted in the requests, but it has used the processor.
  const requests = (result.requests * (warmUpMs + order.durationMs)) / order.durationMs
  const used = before === null || after === null ? null : after - before
  return { result, processorMicroseconds: used === null ? null : (used * 1000) / requests }
}

const startedAtMs = Date.now()
const field = await startContenders({
  durability: options.durability === 'power' ? 'power' : 'process',
  withStudent: !options['without-student'],
  litellmPython: options.litellm ?? null,
})
const measured: Measured[] = []
try {
  // Nobody is measured cold: compilers and workers of a gateway take some seconds of load.
  for (const contender of field.contenders) await measure(contender, 16)
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const connections of [16, 1]) {
      for (const contender of field.contenders) {
        if (Date.now() - startedAtMs > longestRunMs) throw new Error('The bench took too long')
        const measurement = await measure(contender, connections)
        measured.push({ contender: contender.name, connections, round, ...measurement })
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
