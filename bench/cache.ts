import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startChild } from './gateway/child.ts'
import type { LoadOrder, LoadResult } from './gateway/load.ts'

/**
 * `node bench/cache.ts`: what a kept answer is worth. One village against one upstream double, the
 * same request without the cache, asking for a kept answer but for a fresh one (so that every answer is keyed and
 * kept anew), and getting it from the cache. The rounds are interleaved.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    durability: { type: 'string', default: 'process' },
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

const home = await mkdtemp(join(tmpdir(), 'village-cache-bench-'))
const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const upstream = await startChild(scriptPath('./gateway/upstream-double.ts'), [])
const village = await startChild(scriptPath('./gateway/village.ts'), [
  String(upstream.said['url']),
  home,
  options.durability,
])
const results: { readonly name: Case; readonly connections: number; readonly load: LoadResult }[] =
  []
try {
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const connections of [16, 1]) {
      for (const name of Object.keys(cases) as Case[]) {
        results.push({ name, connections, load: await measure(name, connections) })
      }
    }
  }
} finally {
  await village.stop()
  await upstream.stop()
  await rm(home, { recursive: true, force: true })
}

console.log(`Node ${process.version}, ${availableParallelism()} cores, ${options.durability}`)
for (const connections of [16, 1]) {
  const miss = medianOf('miss', connections)
  for (const name of Object.keys(cases) as Case[]) {
    const { requestsPerSecond, p50Ms, p99Ms } = medianOf(name, connections)
    const ratio = (requestsPerSecond / miss.requestsPerSecond).toFixed(2)
    console.log(
      `${connections} connections, ${name}: ${requestsPerSecond.toFixed(0)} requests/s ` +
        `(${ratio} x a miss), p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`,
    )
  }
}
if (results.some(({ load }) => load.failures > 0)) process.exitCode = 1

async function measure(name: Case, connections: number): Promise<LoadResult> {
  const order: LoadOrder = {
    url: `${String(village.said['url'])}/v1/chat/completions`,
    headers: { authorization: `Bearer ${String(village.said['key'])}`, ...cases[name] },
    body,
    connections,
    warmUpMs: 300,
    durationMs: Number(options.seconds) * 1000,
  }
  const child = await startChild(scriptPath('./gateway/load.ts'), [JSON.stringify(order)])
  await child.stop()
  return child.said as LoadResult
}

function medianOf(name: Case, connections: number): LoadResult {
  const runs = results
    .filter((result) => result.name === name && result.connections === connections)
    .map(({ load }) => load)
    .toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond)
  return runs[Math.floor(runs.length / 2)] as LoadResult
}
