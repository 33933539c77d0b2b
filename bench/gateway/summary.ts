import type { ContenderName } from './contenders.ts'
import type { LoadResult } from './load.ts'

export type Measured = {
  readonly contender: ContenderName
  readonly connections: number
  readonly round: number
  readonly result: LoadResult
  /** Of the contender alone; null where the machine does not say. */
  readonly processorMicroseconds: number | null
}

export type SummaryRow = {
  readonly contender: ContenderName
  readonly connections: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly timesPortkey: number
  readonly timesBareProxy: number
  /** Processor time per request, all threads of the gateway together. */
  readonly processorMicroseconds: number | null
  readonly failures: number
}

/** Medians over the rounds; a ratio is the median of the rounds' ratios, so that slow rounds cancel out. */
export function summarise(measured: readonly Measured[]): readonly SummaryRow[] {
  const groups = Map.groupBy(
    measured,
    ({ contender, connections }) => `${connections} ${contender}`,
  )
  return [...groups.values()].map((runs) => {
    const { contender, connections } = runs[0] as Measured
    const ratioTo = (peer: ContenderName): number =>
      median(
        runs.map(({ round, result }) => {
          const other = measured.find(
            (run) =>
              run.contender === peer && run.round === round && run.connections === connections,
          )
          return result.requestsPerSecond / (other?.result.requestsPerSecond ?? Number.NaN)
        }),
      )
    return {
      contender,
      connections,
      requestsPerSecond: median(runs.map(({ result }) => result.requestsPerSecond)),
      p50Ms: median(runs.map(({ result }) => result.p50Ms)),
      p99Ms: median(runs.map(({ result }) => result.p99Ms)),
      timesPortkey: ratioTo('portkey'),
      timesBareProxy: ratioTo('bare proxy'),
      processorMicroseconds: medianOrNull(runs.map((run) => run.processorMicroseconds)),
      failures: runs.reduce((sum, { result }) => sum + result.failures, 0),
    }
  })
}

export function tableOf(rows: readonly SummaryRow[]): string {
  const header = [
    'connections',
    'gateway',
    'requests/s',
    'p50 ms',
    'p99 ms',
    '× portkey',
    '× bare',
    'CPU µs',
  ]
  const lines = rows.map((row) => [
    String(row.connections),
    row.contender,
    row.requestsPerSecond.toFixed(0),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    row.timesPortkey.toFixed(2),
    row.timesBareProxy.toFixed(2),
    row.processorMicroseconds?.toFixed(0) ?? '',
  ])
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  )
  return [header, ...lines]
    .map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
    .join('\n')
}

function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : median(known)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (upper + lower) / 2
}
