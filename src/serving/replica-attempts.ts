import type { ModelAnswer } from '../kernel/chat.ts'
import type { Clock } from '../kernel/clock.ts'
import { ModelCallError } from '../kernel/errors.ts'
import type { Random } from '../kernel/random.ts'
import type { CallOutcome } from './circuit-breaker.ts'
import { blameFor } from './judge-failure.ts'
import type { ReplicaGroup } from './replica-group.ts'
import type { CallMode, Replica, ReplicaCall } from './replica.ts'

export type AttemptPolicy = {
  readonly clock: Clock
  readonly random: Random
  /** How often a request goes round all replicas; the first time without any pause. */
  readonly rounds: number
  readonly firstBackOffMs: number
  readonly longestBackOffMs: number
  readonly longestWaitMs: number
}

/** A replica that says 429 without a time rests this long, and at most the other. */
const restMs = 1000
const longestRestMs = 60_000

/** One request on its way over the replicas, until one answers or there is no sense in going on. */
export class ReplicaAttempts {
  readonly #group: ReplicaGroup
  readonly #policy: AttemptPolicy
  readonly #mode: CallMode
  readonly #signal: AbortSignal
  readonly #startedAtMs: number
  /** Of this round. */
  #tried: Replica[] = []
  #unclear: Replica[] = []
  #round = 0
  #failedCalls = 0
  #lastError: ModelCallError | undefined
  #waitsUntilMs: number | undefined
  #replica: Replica | undefined
  #call: ReplicaCall | undefined

  constructor(
    group: ReplicaGroup,
    policy: AttemptPolicy,
    { mode, signal }: { readonly mode: CallMode; readonly signal: AbortSignal },
  ) {
    this.#group = group
    this.#policy = policy
    this.#mode = mode
    this.#signal = signal
    this.#startedAtMs = policy.clock.now()
  }

  /** Begins the next call. Throws the last failure, or that there is no replica to ask. */
  async next(): Promise<Replica> {
    let replica = this.#group.pick(this.#mode, this.#tried)
    while (replica === undefined) {
      await this.#wait()
      replica = this.#group.pick(this.#mode, this.#tried)
    }
    this.#waitsUntilMs = undefined
    replica.calls += 1
    this.#replica = replica
    this.#call = replica.begin(this.#policy.clock.now())
    return replica
  }

  /** The first event of a stream is here: the call will not be repeated. */
  answerBegan(): void {
    const [replica, call] = this.#current()
    replica.noteLatency(call, 'streamed', this.#policy.clock.now())
    replica.answerBegan(call)
    if (call.trial !== undefined) this.#group.changed()
  }

  /** The answer with the time and the calls that it took in all. */
  succeed(answer: ModelAnswer): ModelAnswer {
    const [replica, call] = this.#current()
    const nowMs = this.#policy.clock.now()
    if (this.#mode === 'whole') replica.noteLatency(call, 'whole', nowMs)
    this.#end('good')
    for (const other of this.#unclear) {
      if (other !== replica) other.breaker.end(undefined, 'bad', nowMs)
    }
    if (this.#failedCalls === 0) return answer
    return {
      ...answer,
      latencyMs: nowMs - this.#startedAtMs,
      retries: answer.retries + this.#failedCalls,
    }
  }

  /** Returns when another attempt makes sense; throws the failure when it is final. */
  fail(error: unknown): void {
    const [replica] = this.#current()
    if (this.#signal.aborted || !(error instanceof ModelCallError)) {
      this.#end('unknown')
      throw this.#signal.aborted ? this.#signal.reason : error
    }
    this.#judge(replica, error)
    if (error.midStream) throw error
    this.#failedCalls += 1
    this.#lastError = error
    this.#tried.push(replica)
  }

  /** The reader left: tells nothing about the replica. Does nothing after `succeed` or `fail`. */
  leave(): void {
    if (this.#call !== undefined) this.#end('unknown')
  }

  #judge(replica: Replica, error: ModelCallError): void {
    const blame = blameFor(error)
    const onTrial = this.#call?.trial !== undefined
    if (blame === 'request') {
      this.#end('good')
      throw error
    }
    replica.noteFailure(error.message)
    const pauseMs = error.retryAfterMs ?? (blame === 'busy' ? restMs : 0)
    if (pauseMs > 0) {
      replica.restsUntilMs = this.#policy.clock.now() + Math.min(pauseMs, longestRestMs)
    }
    if (blame === 'replica') this.#end('bad')
    else if (blame === 'busy') this.#end(onTrial ? 'good' : 'unknown')
    else {
      // What was taken out of service has to show that it is well again.
      if (!onTrial) this.#unclear.push(replica)
      this.#end(onTrial ? 'bad' : 'unknown')
    }
  }

  async #wait(): Promise<void> {
    const { clock, longestWaitMs } = this.#policy
    const othersDecideSoon = this.#tried.length === 0 || this.#group.trialUnderWay(this.#tried)
    if (!othersDecideSoon && this.#mayGoRound()) {
      await this.#goRound()
      return
    }
    // After the last round there may still be one that rests and was not asked.
    this.#waitsUntilMs ??= clock.now() + longestWaitMs
    try {
      await this.#group.waitForReplica(this.#tried, {
        deadlineMs: this.#waitsUntilMs,
        signal: this.#signal,
      })
    } catch (error) {
      throw error instanceof ModelCallError ? (this.#lastError ?? error) : error
    }
  }

  #mayGoRound(): boolean {
    const { rounds, longestWaitMs } = this.#policy
    const { retryable = false, retryAfterMs = 0 } = this.#lastError ?? {}
    return retryable && retryAfterMs <= longestWaitMs && this.#round + 1 < rounds
  }

  async #goRound(): Promise<void> {
    const { clock, random, firstBackOffMs, longestBackOffMs } = this.#policy
    const ceilingMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** this.#round)
    this.#round += 1
    await clock.sleep(ceilingMs * (0.5 + random() / 2), this.#signal)
    this.#tried = []
  }

  #end(outcome: CallOutcome): void {
    const [replica, call] = this.#current()
    this.#call = undefined
    replica.end(call, outcome, this.#policy.clock.now())
    this.#group.changed()
  }

  #current(): readonly [Replica, ReplicaCall] {
    if (this.#replica === undefined || this.#call === undefined) {
      throw new Error('No call is under way')
    }
    return [this.#replica, this.#call]
  }
}
