import type { Clock } from '../../kernel/clock.ts'
import { addMoney, nanoUsdFromUsd, noMoney } from '../../kernel/money.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { StateStore } from '../../kernel/stores.ts'
import { dayOf } from '../../kernel/days.ts'
import type { PopularRequests } from '../../serving/popular-requests.ts'
import type { Sharing } from './answer-sharing.ts'
import type { OwnAnswer } from './ask-for-itself.ts'
import type { AnswerInput } from '../village-service.ts'

export type WarmRequest = {
  readonly input: AnswerInput
  readonly sharing: Sharing
}

type WarmingSettings = {
  /** How often a request must have been asked of late. */
  readonly leastRequests: number
  readonly maxRequestsPerHour: number
  /** What such answers may cost in one day, in UTC. */
  readonly maxUsdPerDay: number
}

export type AnswerWarmerParts = {
  readonly popular: PopularRequests<WarmRequest>
  /** When the kept answer expires, or null when there is none. */
  expiresAt(key: string): number | null
  /** Asks again and keeps the answer. */
  refresh(request: WarmRequest, signal: AbortSignal): Promise<OwnAnswer>
  /** Does nobody wait for an answer, and has nobody for a while? */
  isIdle(): boolean
  readonly states: StateStore
  readonly clock: Clock
  readonly settings: WarmingSettings & { readonly timeToLiveSeconds: number }
  readonly onError: (error: unknown) => void
}

export type Warmed = 'warmed' | 'failed' | 'nothing-due' | 'busy' | 'used-up'

type Used = {
  readonly hour: number
  readonly requests: number
  readonly day: number
  readonly cost: NanoUsd
}

const hourMs = 3_600_000
/** An answer is renewed in the last part of its time. */
const renewedInLast = 0.1
const pauseMs = 1_000
const stateKey = 'warming'
/** Then they are forgotten, and learnt again. */
const mostCosts = 2_000

/**
 * While the village is idle, asks again what is asked often and whose answer is about to expire or
 * was dropped because other weights serve: one at a time, within a budget of requests and money that
 * outlives a restart. The money can be exceeded by as much as one answer costs more than expected.
 */
export class AnswerWarmer {
  readonly #parts: AnswerWarmerParts
  /** What the last answer to each request has cost. */
  readonly #costs = new Map<string, NanoUsd>()
  #used: Used | null = null

  constructor(parts: AnswerWarmerParts) {
    this.#parts = parts
  }

  /** Warms what is due from time to time until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#parts
    while (!signal.aborted) {
      try {
        const outcome = await this.warmOne(signal)
        if (outcome === 'warmed') continue
        await clock.sleep(pauseMs, signal)
      } catch (error) {
        if (signal.aborted) return
        onError(error)
        await clock.sleep(pauseMs, signal).catch(() => undefined)
      }
    }
  }

  async warmOne(signal: AbortSignal): Promise<Warmed> {
    const { popular, clock, settings } = this.#parts
    if (!this.#parts.isIdle()) return 'busy'
    const due = popular
      .most(settings.leastRequests, clock.now())
      .find(({ key }) => this.#isDue(key))
    if (due === undefined) return 'nothing-due'
    const used = await this.#usedNow()
    if (!this.#mayAsk(used, due.key)) return 'used-up'
    const made = await this.#parts.refresh(due.request, signal)
    if (made === 'not-asked') return 'used-up'
    const cost = made === 'failed' ? noMoney : made.decision.cost
    await this.#use({ ...used, requests: used.requests + 1, cost: addMoney(used.cost, cost) })
    // What fails, or what is not kept, would be asked again and again.
    if (made === 'failed' || this.#isDue(due.key)) {
      popular.forget(due.key)
      this.#costs.delete(due.key)
      return 'failed'
    }
    if (this.#costs.size >= mostCosts) this.#costs.clear()
    this.#costs.set(due.key, cost)
    return 'warmed'
  }

  #isDue(key: string): boolean {
    const { clock, settings } = this.#parts
    const expiresAtMs = this.#parts.expiresAt(key)
    const lastPartMs = settings.timeToLiveSeconds * 1000 * renewedInLast
    return expiresAtMs === null || expiresAtMs - clock.now() <= lastPartMs
  }

  #mayAsk({ requests, cost }: Used, key: string): boolean {
    const { maxRequestsPerHour, maxUsdPerDay } = this.#parts.settings
    const expected = this.#costs.get(key) ?? noMoney
    const limit = nanoUsdFromUsd(maxUsdPerDay)
    return requests < maxRequestsPerHour && cost < limit && addMoney(cost, expected) <= limit
  }

  async #usedNow(): Promise<Used> {
    const { states, clock } = this.#parts
    const nowMs = clock.now()
    const hour = Math.floor(nowMs / hourMs)
    const day = dayOf(nowMs)
    const saved = this.#used ?? ((await states.load(stateKey)) as unknown as Used | null)
    return {
      hour,
      requests: saved?.hour === hour ? saved.requests : 0,
      day,
      cost: saved?.day === day ? saved.cost : noMoney,
    }
  }

  async #use(used: Used): Promise<void> {
    this.#used = used
    await this.#parts.states.save(stateKey, used)
  }
}
