import type { Clock } from '../kernel/clock.ts'
import { ModelCallError } from '../kernel/errors.ts'
import type { Random } from '../kernel/random.ts'
import { chooseReplica } from './choose-replica.ts'
import type { CallMode, Replica } from './replica.ts'

export type ReplicaGroupOptions = {
  /** The name of the replicated model, for messages. */
  readonly model: string
  readonly replicas: readonly Replica[]
  readonly clock: Clock
  readonly random: Random
  /** How long a request waits for a replica while none can take it. */
  readonly longestWaitMs: number
}

const woken = new Error('Something changed')

/** Decides which replica takes a call, and lets requests wait while none can. */
export class ReplicaGroup {
  readonly replicas: readonly Replica[]
  readonly #options: ReplicaGroupOptions
  readonly #waiting = new Set<() => void>()

  constructor(options: ReplicaGroupOptions) {
    this.replicas = options.replicas
    this.#options = options
  }

  /**
   * The replica for the next attempt, or undefined when none of those not yet tried can take it
   * now. A replica whose breaker is open gets one call at a time: when its trial is due, or earlier
   * when the request would fail otherwise.
   */
  pick(mode: CallMode, tried: readonly Replica[]): Replica | undefined {
    const nowMs = this.#options.clock.now()
    const healthy: Replica[] = []
    let due: Replica | undefined
    let lastResort: Replica | undefined
    let someoneRests = false
    for (const replica of this.replicas) {
      if (replica.draining) continue
      const { breaker } = replica
      if (tried.includes(replica)) continue
      if (replica.restsUntilMs > nowMs) {
        someoneRests ||= breaker.closed && this.#comesInTime(replica.restsUntilMs, nowMs)
        continue
      }
      if (breaker.closed) healthy.push(replica)
      else if (!breaker.trialRuns) {
        if (breaker.openUntilMs <= nowMs && replica.probe === undefined) due ??= replica
        if (lastResort === undefined || breaker.openUntilMs < lastResort.breaker.openUntilMs) {
          lastResort = replica
        }
      }
    }
    if (due !== undefined) return due
    if (healthy.length > 0) {
      return chooseReplica(healthy, mode, { random: this.#options.random, nowMs })
    }
    // Rather a short wait for one that is well than a call to one that is not.
    const mayWait = someoneRests && (lastResort?.breaker.openUntilMs ?? Infinity) > nowMs
    return mayWait ? undefined : lastResort
  }

  /** Does an untried replica's trial decide soon whether it can take the request? */
  trialUnderWay(tried: readonly Replica[]): boolean {
    return this.replicas.some(
      (replica) => replica.breaker.trialRuns && !replica.draining && !tried.includes(replica),
    )
  }

  /**
   * Resolves when an untried replica may be free again. Throws `ModelCallError` when none will be
   * before `deadlineMs`; rejects with the signal's reason.
   */
  async waitForReplica(
    tried: readonly Replica[],
    { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { clock } = this.#options
    const nowMs = clock.now()
    let soonestMs = Infinity
    for (const replica of this.replicas) {
      if (replica.draining || tried.includes(replica)) continue
      const { breaker, restsUntilMs } = replica
      const freeAtMs = breaker.trialRuns
        ? deadlineMs
        : Math.max(restsUntilMs, breaker.openUntilMs, nowMs + 1)
      soonestMs = Math.min(soonestMs, freeAtMs)
    }
    if (nowMs >= deadlineMs || soonestMs > deadlineMs) throw this.#noReplica(soonestMs - nowMs)
    const nap = new AbortController()
    const wake = (): void => nap.abort(woken)
    signal.addEventListener('abort', wake, { once: true })
    this.#waiting.add(wake)
    try {
      await clock.sleep(soonestMs - nowMs, nap.signal)
    } catch (error) {
      if (error !== woken) throw error
    } finally {
      this.#waiting.delete(wake)
      signal.removeEventListener('abort', wake)
    }
    signal.throwIfAborted()
  }

  /** Wakes the requests that wait: a call of a replica has ended or its settings changed. */
  changed(): void {
    for (const wake of this.#waiting) wake()
  }

  #comesInTime(timeMs: number, nowMs: number): boolean {
    return timeMs - nowMs <= this.#options.longestWaitMs
  }

  #noReplica(waitMs: number): ModelCallError {
    const { model } = this.#options
    const inService = this.replicas.filter((replica) => !replica.draining)
    if (inService.length === 0) {
      return new ModelCallError(
        `Every replica of ${model} is draining, so none takes new requests.`,
        { model, status: 503 },
      )
    }
    const busy = inService.some((replica) => replica.breaker.closed)
    const retryAfterMs = Math.max(1000, Number.isFinite(waitMs) ? waitMs : 0)
    const state = busy ? 'asked for a pause' : 'out of order'
    const reasons = inService.map(({ name, lastError }) => `${name}: ${lastError ?? 'no answer'}`)
    return new ModelCallError(
      `No replica of ${model} can answer now (${state}). Last errors: ${reasons.join('; ')}`,
      { model, status: busy ? 429 : 503, retryAfterMs },
    )
  }
}
