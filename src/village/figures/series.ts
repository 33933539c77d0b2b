import { agentNames } from '../../kernel/agent-name.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import type { Audited } from './audited-share.ts'

type Counts = { tasks: number; local: number }

type Bucket = Counts & {
  atMs: number
  byAgent: Record<AgentName, Counts>
  /** Local answers that the audits stand for, and those of them that were good enough. */
  audited: number
  goodEnough: number
  /** Running totals at the end of the bucket. */
  costNanoUsd: number
  alwaysFrontierNanoUsd: number
  thresholds: Record<AgentName, number>
}

export type SeriesState = { readonly tasksPerBucket: number; readonly buckets: readonly Bucket[] }

export type SeriesPoint = {
  readonly atMs: number
  /** Answered up to the end of this bucket. */
  readonly tasks: number
  readonly localShare: number | null
  readonly localShareByAgent: Record<AgentName, number | null>
  readonly localQuality: number | null
  readonly thresholdByAgent: Record<AgentName, number>
  readonly costUsd: number
  readonly alwaysFrontierCostUsd: number
}

const mostBuckets = 120

/** A history of bounded size: when it is full, neighbours are merged and buckets hold twice as many tasks. */
export class Series {
  #tasksPerBucket = 25
  #buckets: Bucket[] = []

  addTask(task: {
    readonly atMs: number
    readonly agent: AgentName
    readonly local: boolean
    readonly totals: { readonly costNanoUsd: number; readonly alwaysFrontierNanoUsd: number }
    readonly thresholds: Record<AgentName, number>
  }): void {
    const bucket = this.#openBucket(task.atMs)
    bucket.atMs = task.atMs
    bucket.tasks += 1
    bucket.byAgent[task.agent].tasks += 1
    if (task.local) {
      bucket.local += 1
      bucket.byAgent[task.agent].local += 1
    }
    bucket.costNanoUsd = task.totals.costNanoUsd
    bucket.alwaysFrontierNanoUsd = task.totals.alwaysFrontierNanoUsd
    bucket.thresholds = { ...task.thresholds }
  }

  addAudit({ goodEnough, weight }: Audited): void {
    const bucket = this.#buckets.at(-1)
    if (bucket === undefined) return
    bucket.audited += weight
    if (goodEnough) bucket.goodEnough += weight
  }

  points(): SeriesPoint[] {
    let tasks = 0
    return this.#buckets.map((bucket) => ({
      atMs: bucket.atMs,
      tasks: (tasks += bucket.tasks),
      localShare: share(bucket.local, bucket.tasks),
      localShareByAgent: {
        king: share(bucket.byAgent.king.local, bucket.byAgent.king.tasks),
        sage: share(bucket.byAgent.sage.local, bucket.byAgent.sage.tasks),
        magi: share(bucket.byAgent.magi.local, bucket.byAgent.magi.tasks),
      },
      localQuality: share(bucket.goodEnough, bucket.audited),
      thresholdByAgent: bucket.thresholds,
      costUsd: bucket.costNanoUsd / 1e9,
      alwaysFrontierCostUsd: bucket.alwaysFrontierNanoUsd / 1e9,
    }))
  }

  snapshot(): SeriesState {
    return { tasksPerBucket: this.#tasksPerBucket, buckets: structuredClone(this.#buckets) }
  }

  restore(state: SeriesState): void {
    this.#tasksPerBucket = state.tasksPerBucket
    this.#buckets = structuredClone(state.buckets) as Bucket[]
  }

  #openBucket(atMs: number): Bucket {
    const last = this.#buckets.at(-1)
    if (last !== undefined && last.tasks < this.#tasksPerBucket) return last
    if (this.#buckets.length >= mostBuckets) this.#mergeNeighbours()
    const bucket = emptyBucket(atMs)
    this.#buckets.push(bucket)
    return bucket
  }

  #mergeNeighbours(): void {
    const merged: Bucket[] = []
    for (let index = 0; index < this.#buckets.length; index += 2) {
      const first = this.#buckets[index]
      const second = this.#buckets[index + 1]
      if (first !== undefined) merged.push(second === undefined ? first : joined(first, second))
    }
    this.#buckets = merged
    this.#tasksPerBucket *= 2
  }
}

function emptyBucket(atMs: number): Bucket {
  return {
    atMs,
    tasks: 0,
    local: 0,
    byAgent: { king: counts(), sage: counts(), magi: counts() },
    audited: 0,
    goodEnough: 0,
    costNanoUsd: 0,
    alwaysFrontierNanoUsd: 0,
    thresholds: { king: 0, sage: 0, magi: 0 },
  }
}

function joined(first: Bucket, second: Bucket): Bucket {
  const byAgent = { king: counts(), sage: counts(), magi: counts() }
  for (const agent of agentNames) {
    byAgent[agent] = {
      tasks: first.byAgent[agent].tasks + second.byAgent[agent].tasks,
      local: first.byAgent[agent].local + second.byAgent[agent].local,
    }
  }
  return {
    ...second,
    tasks: first.tasks + second.tasks,
    local: first.local + second.local,
    byAgent,
    audited: first.audited + second.audited,
    goodEnough: first.goodEnough + second.goodEnough,
  }
}

function counts(): Counts {
  return { tasks: 0, local: 0 }
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
