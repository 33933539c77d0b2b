export type BreakerState = 'closed' | 'open' | 'half-open'

/** Marks the one call that may try an open breaker. */
export type Trial = symbol

/** What came of a call, as far as it tells something of the replica. */
export type CallOutcome = 'good' | 'bad' | 'unknown'

export type BreakerSettings = {
  /** Opens when this share of the recent calls failed. */
  readonly openAtShare: number
  /** Weight of the newest call in the share: with 0.2, four failures on end open it. */
  readonly newestWeight: number
  readonly firstOpenMs: number
  /** Each opening without a good call in between lasts twice as long, up to this. */
  readonly longestOpenMs: number
}

export const defaultBreakerSettings: BreakerSettings = {
  openAtShare: 0.5,
  newestWeight: 0.2,
  firstOpenMs: 1000,
  longestOpenMs: 30_000,
}

/** The share after a trial has begun well: one more failure opens the breaker again. */
const shareOnProbation = 0.4

/** Keeps calls away from what fails, and lets one at a time try whether it is well again. */
export class CircuitBreaker {
  readonly #settings: BreakerSettings
  #share = 0
  /** Undefined while closed. */
  #openUntilMs: number | undefined
  #openings = 0
  #trial: Trial | undefined

  constructor(settings: BreakerSettings = defaultBreakerSettings) {
    this.#settings = settings
  }

  state(nowMs: number): BreakerState {
    if (this.#openUntilMs === undefined) return 'closed'
    return this.trialRuns || nowMs >= this.#openUntilMs ? 'half-open' : 'open'
  }

  get closed(): boolean {
    return this.#openUntilMs === undefined
  }

  get trialRuns(): boolean {
    return this.#trial !== undefined
  }

  /** When the next trial is due; 0 while closed. */
  get openUntilMs(): number {
    return this.#openUntilMs ?? 0
  }

  /** Share of the recent calls that failed, newer ones weighing more. */
  get failureShare(): number {
    return this.#share
  }

  /** Begins a call: a trial while the breaker is open. Throws while another trial runs. */
  begin(): Trial | undefined {
    if (this.closed) return undefined
    if (this.trialRuns) throw new Error('A trial is already under way')
    this.#trial = Symbol('trial')
    return this.#trial
  }

  /** The answer has begun: enough to let others in, on probation. */
  answerBegan(trial: Trial | undefined): void {
    if (trial !== undefined && trial === this.#trial) this.#close(shareOnProbation)
  }

  /** The call is over. Calls that began before the breaker opened tell nothing new about it. */
  end(trial: Trial | undefined, outcome: CallOutcome, nowMs: number): void {
    if (trial !== undefined && trial === this.#trial) {
      this.#trial = undefined
      if (outcome === 'bad') this.#open(nowMs)
      if (outcome === 'good') this.#close(shareOnProbation)
      return
    }
    if (!this.closed || outcome === 'unknown') return
    const { newestWeight, openAtShare } = this.#settings
    this.#share = this.#share * (1 - newestWeight) + (outcome === 'bad' ? newestWeight : 0)
    if (outcome === 'good') this.#openings = 0
    else if (this.#share > openAtShare) this.#open(nowMs)
  }

  #open(nowMs: number): void {
    const { firstOpenMs, longestOpenMs } = this.#settings
    this.#openUntilMs = nowMs + Math.min(longestOpenMs, firstOpenMs * 2 ** this.#openings)
    this.#openings += 1
  }

  #close(share: number): void {
    this.#openUntilMs = undefined
    this.#trial = undefined
    this.#share = share
  }
}
