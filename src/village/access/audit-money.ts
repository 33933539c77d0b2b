import type { ChatRequest } from '../../kernel/chat.ts'
import type { ModelDescription } from '../../kernel/model-adapter.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import { mostCostOf } from '../../safety/cost-bound.ts'
import type { Spending } from './spending.ts'

/**
 * Whether the village has money for its audits. Which audits it can pay depends on what their tasks
 * cost, so those that were refused must not simply be missing from a certificate: the one that is
 * refused counts as a loss, and from then on no task counts until there is money for one like it.
 * That is known of a task before it is there, so the bets on the others stay fair.
 */
export class AuditMoney {
  readonly #spending: Pick<Spending, 'hasRoomFor'>
  /** What the dearest of the refused calls may have cost; null while none is missing. */
  #missing: NanoUsd | null = null

  constructor(spending: Pick<Spending, 'hasRoomFor'>) {
    this.#spending = spending
  }

  noteRefused(request: ChatRequest, description: ModelDescription): void {
    const cost = mostCostOf(request, description)
    if (cost > (this.#missing ?? 0)) this.#missing = cost
  }

  isThere(): boolean {
    if (this.#missing === null) return true
    if (!this.#spending.hasRoomFor(this.#missing)) return false
    this.#missing = null
    return true
  }
}
