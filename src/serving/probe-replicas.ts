import type { Clock } from '../kernel/clock.ts'
import type { ReplicaGroup } from './replica-group.ts'
import type { Replica } from './replica.ts'

export type ProbeTiming = {
  /** How often it is looked whether a replica wants a probe. */
  readonly everyMs: number
  /** A replica without calls for this long is probed. */
  readonly idleMs: number
}

const defaultTiming: ProbeTiming = { everyMs: 1000, idleMs: 15_000 }

/**
 * Asks idle replicas for a sign of life, and tries those out of service before a client's request
 * does. Replicas without a probe are left to the requests.
 */
export function startProbes(
  group: ReplicaGroup,
  clock: Clock,
  timing: ProbeTiming = defaultTiming,
): { close(): Promise<void> } {
  const probed = group.replicas.filter(({ probe }) => probe !== undefined)
  if (probed.length === 0) return { close: () => Promise.resolve() }
  const stop = new AbortController()
  const underWay = new Map<Replica, Promise<void>>()

  const probeOne = async (replica: Replica): Promise<void> => {
    const call = replica.begin(clock.now())
    try {
      await replica.probe?.(stop.signal)
      replica.end(call, 'good', clock.now())
    } catch (error) {
      const outcome = stop.signal.aborted ? 'unknown' : 'bad'
      if (outcome === 'bad') replica.noteFailure((error as Error).message)
      replica.end(call, outcome, clock.now())
    } finally {
      underWay.delete(replica)
      group.changed()
    }
  }
  const look = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(timing.everyMs, stop.signal)
      for (const replica of probed) {
        if (underWay.has(replica) || !wantsProbe(replica, clock.now(), timing)) continue
        underWay.set(replica, probeOne(replica))
      }
    }
  }
  const looking = look().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return {
    close: async () => {
      stop.abort(new Error('The probes are stopped'))
      await looking
      await Promise.all(underWay.values())
    },
  }
}

function wantsProbe(replica: Replica, nowMs: number, timing: ProbeTiming): boolean {
  if (replica.draining || replica.restsUntilMs > nowMs) return false
  const { breaker } = replica
  if (!breaker.closed) return !breaker.trialRuns && breaker.openUntilMs <= nowMs
  if (replica.outstanding > 0) return false
  // One that has just failed a probe is looked at again at once: a dead one is out within seconds.
  const suspicious = replica.failureShare(nowMs) > 0.1
  return nowMs - replica.lastUsedAtMs >= (suspicious ? timing.everyMs : timing.idleMs)
}
