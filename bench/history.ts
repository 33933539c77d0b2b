import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { villageNodeFlags } from '../scripts/setup/village-node-flags.mjs'
import { startChild, type Child } from './gateway/child.ts'
import type { LoadOrder, LoadResult } from './gateway/load.ts'
import { fillHistory } from './history/fill-history.ts'

/**
 * `npm run bench:history -- [--interactions N] [--rounds N] [--seconds N] [--json]`: one village with a
 * thousand interactions against one with a million, at the same time before one upstream double,
 * in interleaved rounds. Ends with code 1 when the large one's p99 is above 1.2 times the small one's.
 */
const { values: options } = parseArgs({
  options: {
    interactions: { type: 'string', default: '1000000' },
    /** Many short rounds: what else the machine does then meets both alike. */
    rounds: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '0.6' },
    json: { type: 'boolean', default: false },
  },
})
const smallHistory = 1000
const mostTimesSlower = 1.2
const models = ['bench/fixed', 'village/king'] as const

type Size = 'small' | 'large'
type Row = {
  readonly model: string
  readonly connections: number
  readonly smallP50Ms: number
  readonly largeP50Ms: number
  readonly smallP99Ms: number
  readonly largeP99Ms: number
  /** The median of the rounds' ratios. */
  readonly p99Ratio: number
  readonly failures: number
}
type Round = { readonly row: string; readonly size: Size; readonly result: LoadResult }

const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'village-history-bench-'))
const homes = { small: join(folder, 'small'), large: join(folder, 'large') }
const double = await startChild(scriptPath('./gateway/upstream-double.ts'), [])
const children: Child[] = [double]
try {
  await mkdir(homes.small)
  await writeSmallHistory()
  await cp(homes.small, homes.large, { recursive: true })
  const startedAt = performance.now()
  fillHistory(join(homes.large, 'village.db'), Number(options.interactions))
  const fillSeconds = (performance.now() - startedAt) / 1000
  const villages = {
    small: await startVillage(homes.small),
    large: await startVillage(homes.large),
  }
  report(await measureRounds(villages), fillSeconds)
} finally {
  for (const child of children.toReversed()) await child.stop()
  await rm(folder, { recursive: true, force: true })
}

async function startVillage(home: string): Promise<Child> {
  const args = [String(double.said['url']), home, 'process']
  const child = await startChild(scriptPath('./gateway/village.ts'), args, villageNodeFlags)
  children.push(child)
  return child
}

async function writeSmallHistory(): Promise<void> {
  const village = await startVillage(homes.small)
  for (let sent = 0; sent < smallHistory; sent += 1) {
    const response = await fetch(urlOf(village), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(village) },
      body: bodyFor(models[sent % 10 === 0 ? 1 : 0] ?? ''),
    })
    if (!response.ok) throw new Error(`The village answered ${response.status}`)
    await response.arrayBuffer()
  }
  await village.stop()
}

async function measureRounds(villages: Readonly<Record<Size, Child>>): Promise<readonly Round[]> {
  const rounds: Round[] = []
  for (let round = -1; round < Number(options.rounds); round += 1) {
    for (const model of models) {
      for (const connections of [16, 1]) {
        const sizes: readonly Size[] = round % 2 === 0 ? ['small', 'large'] : ['large', 'small']
        for (const size of sizes) {
          const result = await measure(villages[size], model, connections)
          // The first round only warms up.
          if (round >= 0) rounds.push({ row: `${model} ${connections}`, size, result })
        }
      }
    }
  }
  return rounds
}

async function measure(village: Child, model: string, connections: number): Promise<LoadResult> {
  const order: LoadOrder = {
    url: urlOf(village),
    headers: headersOf(village),
    body: bodyFor(model),
    connections,
    warmUpMs: 200,
    durationMs: Number(options.seconds) * 1000,
  }
  const child = await startChild(scriptPath('./gateway/load.ts'), [JSON.stringify(order)])
  await child.stop()
  return child.said as LoadResult
}

function report(rounds: readonly Round[], fillSeconds: number): void {
  const rows = [...Map.groupBy(rounds, ({ row }) => row)].map(([name, runs]): Row => {
    const [model = '', connections] = name.split(' ')
    const of = (size: Size) => runs.filter((run) => run.size === size).map(({ result }) => result)
    const [small, large] = [of('small'), of('large')]
    return {
      model,
      connections: Number(connections),
      smallP50Ms: median(small.map(({ p50Ms }) => p50Ms)),
      largeP50Ms: median(large.map(({ p50Ms }) => p50Ms)),
      smallP99Ms: median(small.map(({ p99Ms }) => p99Ms)),
      largeP99Ms: median(large.map(({ p99Ms }) => p99Ms)),
      p99Ratio: median(small.map(({ p99Ms }, at) => (large[at]?.p99Ms ?? Number.NaN) / p99Ms)),
      failures: runs.reduce((sum, { result }) => sum + result.failures, 0),
    }
  })
  const passed = rows.every((row) => row.failures === 0 && row.p99Ratio <= mostTimesSlower)
  const machine = { node: process.version, cores: availableParallelism() }
  if (options.json) {
    const interactions = Number(options.interactions)
    process.stdout.write(
      `${JSON.stringify({ ...machine, interactions, fillSeconds, rows, rounds, passed })}\n`,
    )
  } else {
    console.log(`${options.interactions} interactions, written in ${fillSeconds.toFixed(0)} s`)
    console.table(rows.map(shown))
  }
  if (!passed) process.exitCode = 1
}

function shown(row: Row) {
  const { model, connections, failures } = row
  return {
    model,
    connections,
    'p50 ms, small / large': `${row.smallP50Ms.toFixed(2)} / ${row.largeP50Ms.toFixed(2)}`,
    'p99 ms, small / large': `${row.smallP99Ms.toFixed(2)} / ${row.largeP99Ms.toFixed(2)}`,
    '× p99': row.p99Ratio.toFixed(2),
    failures,
  }
}

function urlOf(village: Child): string {
  return `${String(village.said['url'])}/v1/chat/completions`
}

function headersOf(village: Child): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${String(village.said['key'])}` }
}

function bodyFor(model: string): string {
  return JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'My card was charged twice for the March invoice.' }],
    temperature: 0,
    max_tokens: 64,
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (upper + lower) / 2
}
