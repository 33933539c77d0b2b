import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { villageNodeFlags } from '../scripts/setup/village-node-flags.mjs'
import { startChild } from './gateway/child.ts'
import type { LoadOrder, LoadResult } from './gateway/load.ts'
import { processorTimeMs } from './gateway/processor-time.ts'

/**
 * `npm run bench:cache -- [--json]`: what a kept answer is worth. One village against one upstream
 * double, the same request without the cache, asking for a kept answer but for a fresh one (so that
 * every answer is keyed and kept anew), and getting it from the cache. The rounds are interleaved.
 * Ends with code 1 when a hit has less than 1.5 times the throughput of a miss, or a p50 above 1 ms.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    durability: { type: 'string', default: 'process' },
    json: { type: 'boolean', default: false },
  },
})

const cases = {
  'without the cache': {},
  miss: { 'x-openrouter-cache': 'true', 'cache-control': 'no-cache' },
  hit: { 'x-openrouter-cache': 'true' },
} as const satisfies Record<string, Readonly<Record<string, string>>>

type Case = keyof typeof cases

const body = JSON.stringify({
  model: 'bench/fixed',
  messages: [{ role: 'user', content: 'My card was charged twice for the March invoice.' }],
  temperature: 0,
  max_tokens: 64,
})

const leastTimesMiss = 1.5
const mostP50Ms = 1

const home = await mkdtemp(join(tmpdir(), 'village-cache-bench-'))
const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const upstream = await startChild(scriptPath('./gateway/upstream-double.ts'), [])
const village = await startChild(
  scriptPath('./gateway/village.ts'),
  [String(upstream.said['url']), home, options.durability],
  villageNodeFlags,
)
type Result = {
  readonly name: Case
  readonly connections: number
  readonly round: number
  readonly load: LoadResult
  readonly processorMicroseconds: number | null
}
const results: Result[] = []
try {
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const connections of [16, 1]) {
      for (const name of Object.keys(cases) as Case[]) {
        results.push({ name, connections, round, ...(await measure(name, connections)) })
      }
    }
  }
} finally {
  await village.stop()
  await upstream.stop()
  await rm(home, { recursive: true, force: true })
}

const rows = [16, 1].flatMap((connections) =>
  (Object.keys(cases) as Case[]).map((name) => rowOf(name, connections)),
)
const hits = rows.filter(({ name }) => name === 'hit')
const passed =
  results.every(({ load }) => load.failures === 0) &&
  hits.every(({ timesMiss }) => timesMiss >= leastTimesMiss) &&
  hits.every(({ connections, p50Ms }) => connections > 1 || p50Ms <= mostP50Ms)
if (options.json) {
  const machine = { node: process.version, cores: availableParallelism() }
  const { durability } = options
  process.stdout.write(
    `${JSON.stringify({ ...machine, durability, rows, rounds: results, passed })}\n`,
  )
} else {
  console.log(`Node ${process.version}, ${availableParallelism()} cores, ${options.durability}`)
  console.table(rows.map(shown))
}
if (!passed) process.exitCode = 1

async function measure(
  name: Case,
  connections: number,
): Promise<Pick<Result, 'load' | 'processorMicroseconds'>> {
  const order: LoadOrder = {
    url: `${String(village.said['url'])}/v1/chat/completions`,
    headers: { authorization: `Bearer ${String(village.said['key'])}`, ...cases[name] },
    body,
    connections,
    warmUpMs: 300,
    durationMs: Number(options.seconds) * 1000,
  }
  const before = processorTimeMs(village.pid)
  const child = await startChild(scriptPath('./gateway/load.ts'), [JSON.stringify(order)])
  const after = processorTimeMs(village.pid)
  await child.stop()
  const load = child.said as LoadResult
  const requests = (load.requests * (order.warmUpMs + order.durationMs)) / order.durationMs
  const used = before === null || after === null ? null : after - before
  return { load, processorMicroseconds: used === null ? null : (used * 1000) / requests }
}

/** Medians over the rounds; the ratio is the median of the rounds' ratios. */
function rowOf(name: Case, connections: number) {
  const runs = results.filter((run) => run.name === name && run.connections === connections)
  const misses = results.filter((run) => run.name === 'miss' && run.connections === connections)
  return {
    name,
    connections,
    requestsPerSecond: median(runs.map(({ load }) => load.requestsPerSecond)),
    timesMiss: median(
      runs.map(
        ({ load }, round) => load.requestsPerSecond / (misses[round]?.load.requestsPerSecond ?? 0),
      ),
    ),
    p50Ms: median(runs.map(({ load }) => load.p50Ms)),
    p99Ms: median(runs.map(({ load }) => load.p99Ms)),
    processorMicroseconds: median(runs.map((run) => run.processorMicroseconds ?? Number.NaN)),
  }
}

function shown(row: ReturnType<typeof rowOf>) {
  const { name, connections, requestsPerSecond, timesMiss, p50Ms, p99Ms } = row
  return {
    name,
    connections,
    'requests/s': Math.round(requestsPerSecond),
    '× miss': timesMiss.toFixed(2),
    'p50 ms': p50Ms.toFixed(2),
    'p99 ms': p99Ms.toFixed(2),
    'CPU µs': row.processorMicroseconds.toFixed(0),
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
