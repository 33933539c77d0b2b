import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { villageNodeFlags } from '../scripts/setup/village-node-flags.mjs'
import { startChild } from './gateway/child.ts'
import { firstBytes } from './streams/first-byte.ts'
import type { ClientsOrder, ClientsResult } from './streams/stream-clients.ts'

/**
 * `npm run bench:streams -- [--streams N] [--seconds N] [--json]`: what the village adds to the first
 * byte of a stream, with one client; then many streams at once for a while: every one must be whole,
 * and memory must be flat after the warm-up. Ends with code 1 when it is not so.
 */
const { values: options } = parseArgs({
  options: {
    streams: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '60' },
    chunks: { type: 'string', default: '20' },
    'pause-ms': { type: 'string', default: '500' },
    'first-bytes': { type: 'string', default: '3000' },
    json: { type: 'boolean', default: false },
  },
})
const pieces = Number(options.chunks)
const seconds = Number(options.seconds)
const sampleEveryMs = 1000
/** What is garbage already says nothing about leaks, so that every so often it is collected. */
const samplesPerCollection = 5
/** After all are open: until compilers and buffers have what they need. */
const warmUpSeconds = Math.min(10, seconds / 4)
/** How far the last third of the samples may be above the first third after the warm-up. */
const mostGrowth = 1.1

type MemorySample = {
  readonly second: number
  readonly rssMiB: number
  /** Without garbage; null for samples before which none was collected. */
  readonly liveHeapMiB: number | null
}

const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const home = await mkdtemp(join(tmpdir(), 'village-streams-bench-'))
const short = await startChild(scriptPath('./streams/stream-double.ts'), ['1', '500'])
const double = await startChild(scriptPath('./streams/stream-double.ts'), [
  options.chunks,
  options['pause-ms'],
])
const startVillage = (upstream: string, folder: string) =>
  startChild(
    scriptPath('./streams/measured-village.ts'),
    [upstream, folder, 'process'],
    [...villageNodeFlags, '--expose-gc'],
  )

try {
  const firstByte = await measureFirstByte()
  const { clients, samples } = await measureMany()
  report(firstByte, clients, samples)
} finally {
  await double.stop()
  await short.stop()
  await rm(home, { recursive: true, force: true })
}

async function measureFirstByte() {
  const upstream = String(short.said['url'])
  const village = await startVillage(upstream, await mkdtemp(join(home, 'first-')))
  const through = {
    origin: String(village.said['url']),
    headers: { authorization: `Bearer ${String(village.said['key'])}` },
  }
  const direct = { origin: upstream, headers: {} }
  const streams = Math.ceil(Number(options['first-bytes']) / 4)
  await firstBytes(through, 2 * streams)
  const times = { direct: [] as number[], village: [] as number[] }
  for (let round = 0; round < 4; round += 1) {
    times.direct.push(...(await firstBytes(direct, streams)))
    times.village.push(...(await firstBytes(through, streams)))
  }
  await village.stop()
  const directP50Ms = quantile(times.direct, 0.5)
  const villageP50Ms = quantile(times.village, 0.5)
  return {
    directP50Ms,
    villageP50Ms,
    addedP50Ms: villageP50Ms - directP50Ms,
    directP99Ms: quantile(times.direct, 0.99),
    villageP99Ms: quantile(times.village, 0.99),
  }
}

async function measureMany(): Promise<{
  readonly clients: ClientsResult
  readonly samples: readonly MemorySample[]
}> {
  const village = await startVillage(String(double.said['url']), await mkdtemp(join(home, 'many-')))
  const order: ClientsOrder = {
    url: `${String(village.said['url'])}/v1/chat/completions`,
    key: String(village.said['key']),
    streams: Number(options.streams),
    durationMs: seconds * 1000,
    longestStreamMs: 60_000,
    pieces,
  }
  const samples: MemorySample[] = []
  const startedAt = performance.now()
  const sampling = setInterval(() => {
    const second = Math.round((performance.now() - startedAt) / 1000)
    const live = second % samplesPerCollection === 0
    const url = `${String(village.said['memoryUrl'])}/${live ? 'live' : ''}`
    void sampleMemory(url).then(({ rss, heapUsed }) => {
      const liveHeapMiB = live ? mebibytes(heapUsed) : null
      samples.push({ second, rssMiB: mebibytes(rss), liveHeapMiB })
    })
  }, sampleEveryMs)
  const clients = await startChild(scriptPath('./streams/stream-clients.ts'), [
    JSON.stringify(order),
  ])
  clearInterval(sampling)
  await clients.stop()
  await village.stop()
  return {
    clients: clients.said as ClientsResult,
    samples,
  }
}

async function sampleMemory(url: string): Promise<{ rss: number; heapUsed: number }> {
  return (await (await fetch(url)).json()) as { rss: number; heapUsed: number }
}

function report(
  firstByte: Awaited<ReturnType<typeof measureFirstByte>>,
  clients: ClientsResult,
  samples: readonly MemorySample[],
): void {
  const opened = clients.allOpenMs / 1000
  const steady = samples.filter(
    ({ second }) => second >= opened + warmUpSeconds && second <= opened + seconds,
  )
  const rssGrowth = growthOf(steady.map(({ rssMiB }) => rssMiB))
  const heapGrowth = growthOf(
    steady.map(({ liveHeapMiB }) => liveHeapMiB).filter((heap) => heap !== null),
  )
  const isFlat = rssGrowth <= mostGrowth && heapGrowth <= mostGrowth
  const isWhole = clients.failures.length === 0 && clients.mostOpen === Number(options.streams)
  const isQuick = firstByte.addedP50Ms <= 1
  const passed = isFlat && isWhole && isQuick
  const machine = { node: process.version, cores: availableParallelism() }
  if (options.json) {
    const measured = { ...machine, firstByte, clients, rssGrowth, heapGrowth, samples, passed }
    process.stdout.write(`${JSON.stringify(measured)}\n`)
  } else {
    console.table({
      'first byte, added, p50 ms': rounded(firstByte.addedP50Ms),
      'first byte without the village, p50 / p99 ms': `${rounded(firstByte.directP50Ms)} / ${rounded(firstByte.directP99Ms)}`,
      'first byte with it, p50 / p99 ms': `${rounded(firstByte.villageP50Ms)} / ${rounded(firstByte.villageP99Ms)}`,
      'streams at once': clients.mostOpen,
      'all open after, s': rounded(opened),
      'whole streams': clients.finished,
      failures: clients.failures.length,
      'first byte among all, p50 / p99 ms': `${rounded(clients.firstByteP50Ms)} / ${rounded(clients.firstByteP99Ms)}`,
      'RSS, last third against the first after warm-up': rounded(rssGrowth),
      'live heap, last third against the first after warm-up': rounded(heapGrowth),
    })
    console.table(samples.filter(({ liveHeapMiB }) => liveHeapMiB !== null))
  }
  for (const failure of clients.failures) process.stderr.write(`${failure}\n`)
  if (!passed) process.exitCode = 1
}

/** The median of the last third over the median of the first. */
function growthOf(values: readonly number[]): number {
  const third = Math.ceil(values.length / 3)
  return quantile(values.slice(-third), 0.5) / quantile(values.slice(0, third), 0.5)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}

function rounded(value: number): string {
  return value.toFixed(2)
}
