import type { VillageStatus } from '../../../src/http/contract.ts'

type SeriesPoint = VillageStatus['series'][number]
type AgentStatus = VillageStatus['agents'][number]

/** At most `most` of the points, evenly spread, always with the first and the last. */
export function thinOut<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points
  const stride = (points.length - 1) / (most - 1)
  return Array.from({ length: most }, (_unused, index) => points[Math.round(index * stride)] as T)
}

/** Percentages per point; `all` is the whole village. */
export function shareRows(points: readonly SeriesPoint[]) {
  return points.map((point) => ({
    atMs: point.atMs,
    tasks: point.tasks,
    all: percent(point.localShare),
    king: percent(point.localShareByAgent.king),
    sage: percent(point.localShareByAgent.sage),
    magi: percent(point.localShareByAgent.magi),
  }))
}

export function qualityRows(points: readonly SeriesPoint[]) {
  return points.map((point) => ({
    atMs: point.atMs,
    tasks: point.tasks,
    local: percent(point.localQuality),
  }))
}

export function moneyRows(points: readonly SeriesPoint[]) {
  return points.map((point) => ({
    atMs: point.atMs,
    tasks: point.tasks,
    spent: point.costUsd,
    alwaysFrontier: point.alwaysFrontierCostUsd,
  }))
}

export function thresholdRows(points: readonly SeriesPoint[]) {
  return points.map((point) => ({
    atMs: point.atMs,
    tasks: point.tasks,
    king: point.thresholdByAgent.king,
    sage: point.thresholdByAgent.sage,
    magi: point.thresholdByAgent.magi,
  }))
}

/** Saved as a share of what the frontier alone would have cost; null before anything was spent. */
export function savedShare(savedUsd: number, alwaysFrontierCostUsd: number): number | null {
  return alwaysFrontierCostUsd > 0 ? savedUsd / alwaysFrontierCostUsd : null
}

/** The lowest and the highest quality target of the agents that have one, in per cent. */
export function targetBand(agents: readonly AgentStatus[]): readonly [number, number] | null {
  const targets = agents.flatMap(({ targetQuality }) =>
    targetQuality === null ? [] : [targetQuality * 100],
  )
  if (targets.length === 0) return null
  return [Math.min(...targets), Math.max(...targets)]
}

/** A lower end for a percentage axis: room below the lowest value, in steps of 10. */
export function percentFloor(values: readonly (number | null)[]): number {
  const lowest = Math.min(...values.filter((value) => value !== null), 100)
  return Math.max(0, Math.floor((lowest - 5) / 10) * 10)
}

/** Round numbers from 0 up to the largest, about five of them. */
export function roundTicks(largest: number): readonly number[] {
  if (largest <= 0) return [0]
  const rough = largest / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) as number
  return Array.from({ length: Math.floor(largest / step) + 1 }, (_unused, index) => index * step)
}

/** Percentages for an axis that starts at `floor` and ends at 100. */
export function percentTicks(floor: number): readonly number[] {
  const step = floor >= 70 ? 10 : 25
  const inner = Array.from({ length: 10 }, (_unused, index) => (index + 1) * step)
  return [floor, ...inner.filter((tick) => tick > floor + step / 2 && tick <= 100)]
}

/** True when at least two points carry a value, so that a line can be drawn. */
export function drawable(values: readonly (number | null)[]): boolean {
  return values.filter((value) => value !== null).length >= 2
}

function percent(share: number | null): number | null {
  return share === null ? null : Math.round(share * 1_000) / 10
}
