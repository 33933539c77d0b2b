import { ModelCallError } from '../kernel/errors.ts'
import type { CallOptions, ModelAdapter, ModelDescription } from '../kernel/model-adapter.ts'
import type { ChatRequest, ModelAnswer } from '../kernel/chat.ts'
import type { BreakerSettings, BreakerState } from './circuit-breaker.ts'
import { startProbes, type ProbeTiming } from './probe-replicas.ts'
import { ReplicaAttempts, type AttemptPolicy } from './replica-attempts.ts'
import { ReplicaGroup } from './replica-group.ts'
import { Replica, type ReplicaOptions } from './replica.ts'

export type ReplicatedModelOptions = Pick<AttemptPolicy, 'clock' | 'random'> &
  Partial<AttemptPolicy> & {
    readonly description: ModelDescription
    /** At least one; their own adapters should not retry. */
    readonly replicas: readonly ReplicaOptions[]
    readonly breaker?: BreakerSettings
    readonly probes?: ProbeTiming
  }

export type ReplicaStatus = {
  readonly name: string
  readonly state: BreakerState
  readonly draining: boolean
  readonly weight: number
  /** Calls under way: a draining replica may be stopped at 0. */
  readonly outstanding: number
  readonly calls: number
  readonly failures: number
  /** Of the recent calls, 0–1. */
  readonly failureShare: number
  /** Milliseconds to the first word of a stream and to a whole answer; null before the first. */
  readonly firstWordMs: number | null
  readonly wholeAnswerMs: number | null
  /** Until when it asked not to be called; null when it may be. */
  readonly restsUntilMs: number | null
  readonly lastError: string | null
}

export type ReplicatedModel = {
  readonly adapter: ModelAdapter
  /** The same replicas, with all that is known of them, under a newer description. */
  renewed(description: ModelDescription, adapters: ReadonlyMap<string, ModelAdapter>): ModelAdapter
  status(): readonly ReplicaStatus[]
  /** What an operator may change while requests run. False when there is no such replica. */
  change(name: string, change: { readonly weight?: number; readonly draining?: boolean }): boolean
  /** Ends the probes; calls under way go on. */
  close(): Promise<void>
}

const defaultPolicy = {
  rounds: 3,
  firstBackOffMs: 250,
  longestBackOffMs: 4000,
  longestWaitMs: 10_000,
}

/**
 * Several servers or keys as one model. A failed call goes to another replica as long as nothing of
 * the answer is out; a failure in mid-stream reaches the caller.
 */
export function createReplicatedModel(options: ReplicatedModelOptions): ReplicatedModel {
  const { description, clock } = options
  const policy: AttemptPolicy = { ...defaultPolicy, ...options }
  if (options.replicas.length === 0) {
    throw new RangeError(`${description.id} needs at least one replica`)
  }
  const replicas = options.replicas.map((replica) => new Replica(replica, options.breaker))
  const group = new ReplicaGroup({ ...policy, model: description.id, replicas })
  const probes = startProbes(group, clock, options.probes)

  const adapterFor = (newest: ModelDescription): ModelAdapter => ({
    description: newest,
    answer: async (request, { signal, progress }): Promise<ModelAnswer> => {
      signal.throwIfAborted()
      const attempts = new ReplicaAttempts(group, policy, { mode: 'whole', signal })
      for (;;) {
        const replica = await nextReplica(attempts, progress)
        try {
          return attempts.succeed(await replica.adapter.answer(request, { signal, progress }))
        } catch (error) {
          attempts.fail(error)
        }
      }
    },
    stream: async function* (request: ChatRequest, { signal, progress }: CallOptions) {
      signal.throwIfAborted()
      const attempts = new ReplicaAttempts(group, policy, { mode: 'streamed', signal })
      for (;;) {
        const replica = await nextReplica(attempts, progress)
        let begun = false
        try {
          for await (const event of replica.adapter.stream(request, { signal, progress })) {
            if (!begun) {
              begun = true
              attempts.answerBegan()
            }
            if (event.type === 'finish') {
              yield { type: 'finish', answer: attempts.succeed(event.answer) }
              return
            }
            yield event
          }
          throw new ModelCallError(`${replica.name} ended without a finish`, {
            model: description.id,
            midStream: begun,
          })
        } catch (error) {
          attempts.fail(error)
          if (begun) throw error
        } finally {
          attempts.leave()
        }
      }
    },
  })

  return {
    adapter: adapterFor(description),
    renewed: (newest, adapters) => {
      for (const replica of replicas) {
        replica.adapter = adapters.get(replica.name) ?? replica.adapter
      }
      return adapterFor(newest)
    },
    status: () => replicas.map((replica) => statusOf(replica, clock.now())),
    change: (name, change) => {
      const replica = replicas.find((candidate) => candidate.name === name)
      if (replica === undefined) return false
      if (change.weight !== undefined) replica.weight = change.weight
      if (change.draining !== undefined) replica.draining = change.draining
      group.changed()
      return true
    },
    close: () => probes.close(),
  }
}

/** While no replica can take the call it has cost nothing. */
async function nextReplica(
  attempts: ReplicaAttempts,
  progress: CallOptions['progress'],
): Promise<Replica> {
  if (progress !== undefined) progress.sent = false
  const replica = await attempts.next()
  if (progress !== undefined) progress.sent = true
  return replica
}

function statusOf(replica: Replica, nowMs: number): ReplicaStatus {
  return {
    name: replica.name,
    state: replica.breaker.state(nowMs),
    draining: replica.draining,
    weight: replica.weight,
    outstanding: replica.outstanding,
    calls: replica.calls,
    failures: replica.failures,
    failureShare: replica.failureShare(nowMs),
    firstWordMs: replica.latencyMs('streamed', nowMs),
    wholeAnswerMs: replica.latencyMs('whole', nowMs),
    restsUntilMs: replica.restsUntilMs > nowMs ? replica.restsUntilMs : null,
    lastError: replica.lastError,
  }
}
