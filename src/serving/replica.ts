import type { ModelAdapter } from '../kernel/model-adapter.ts'
import {
  CircuitBreaker,
  type BreakerSettings,
  type CallOutcome,
  type Trial,
} from './circuit-breaker.ts'

export type ReplicaOptions = {
  /** Unique within its model; shown to the operator. */
  readonly name: string
  readonly adapter: ModelAdapter
  /** Share of the calls relative to the others; above 0. */
  readonly weight: number
  readonly draining: boolean
  /** A cheap sign of life, asked for when no calls tell; rejects when there is none. */
  readonly probe?: (signal: AbortSignal) => Promise<void>
}

export type CallMode = 'whole' | 'streamed'

/** A call that has begun; `end` exactly once. */
export type ReplicaCall = {
  readonly trial: Trial | undefined
  readonly startedAtMs: number
}

/** Half of what was measured is forgotten in this time, so that a slow replica is tried again. */
const latencyHalfLifeMs = 30_000
/** The same for failures of a replica that gets no calls. */
const failureHalfLifeMs = 10_000
const negligibleShare = 0.05
const newestLatencyWeight = 0.3

/** One server or key behind a model, with what is known of its health. Times come from the caller. */
export class Replica {
  readonly name: string
  readonly probe: ((signal: AbortSignal) => Promise<void>) | undefined
  readonly breaker: CircuitBreaker
  adapter: ModelAdapter
  weight: number
  draining: boolean
  outstanding = 0
  calls = 0
  failures = 0
  lastError: string | null = null
  lastUsedAtMs = 0
  /** It asked not to be called before this time. */
  restsUntilMs = 0
  readonly #latency = { whole: new Latency(), streamed: new Latency() }

  constructor(options: ReplicaOptions, breaker?: BreakerSettings) {
    this.name = options.name
    this.adapter = options.adapter
    this.weight = options.weight
    this.draining = options.draining
    this.probe = options.probe
    this.breaker = new CircuitBreaker(breaker)
  }

  begin(nowMs: number): ReplicaCall {
    const trial = this.breaker.begin()
    this.outstanding += 1
    this.lastUsedAtMs = nowMs
    return { trial, startedAtMs: nowMs }
  }

  answerBegan(call: ReplicaCall): void {
    this.breaker.answerBegan(call.trial)
  }

  /** A replica that fails fast must not look quick, so only answers count as latency. */
  noteLatency(call: ReplicaCall, mode: CallMode, nowMs: number): void {
    this.#latency[mode].add(nowMs - call.startedAtMs, nowMs)
  }

  end(call: ReplicaCall, outcome: CallOutcome, nowMs: number): void {
    this.outstanding -= 1
    this.lastUsedAtMs = nowMs
    this.breaker.end(call.trial, outcome, nowMs)
  }

  noteFailure(message: string): void {
    this.failures += 1
    this.lastError = message
  }

  /** Share of the recent calls that failed, fading while there are none. */
  failureShare(nowMs: number): number {
    const idleMs = nowMs - this.lastUsedAtMs
    const share = this.breaker.failureShare * 0.5 ** (idleMs / failureHalfLifeMs)
    return share < negligibleShare ? 0 : share
  }

  /** Milliseconds to the first event of a stream, or to a whole answer; null before the first. */
  latencyMs(mode: CallMode, nowMs: number): number | null {
    return this.#latency[mode].at(nowMs)
  }
}

class Latency {
  #meanMs: number | null = null
  #measuredAtMs = 0

  add(valueMs: number, nowMs: number): void {
    const knownMs = this.#meanMs ?? valueMs
    const newestWeight = 1 - (1 - newestLatencyWeight) * this.#remembered(nowMs)
    this.#meanMs = knownMs + (valueMs - knownMs) * newestWeight
    this.#measuredAtMs = nowMs
  }

  at(nowMs: number): number | null {
    return this.#meanMs === null ? null : this.#meanMs * this.#remembered(nowMs)
  }

  #remembered(nowMs: number): number {
    return 0.5 ** ((nowMs - this.#measuredAtMs) / latencyHalfLifeMs)
  }
}
