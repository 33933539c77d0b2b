import type { ChatRequest } from '../../kernel/chat.ts'
import type { ModelDescription } from '../../kernel/model-adapter.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import { mostCostOf } from '../../safety/cost-bound.ts'
import type { Spending } from './spending.ts'

/**
 * Whether the village has money for its audits. Which audits it can pay depends on what their tasks
 * cost, so those that were refused must not simply be missing from a certificate: the one that is
 * refused counts as a loss, and from then on no task counts until there is money for one like it.
 * That is known of a task before it is there, so the bets on the others stay fair. An audit that no
 * budget could ever pay is not waited for: each of these counts as a loss.
 */
export class AuditMoney {
  readonly #spending: Pick<Spending, 'hasRoomFor' | 'couldPay'>
  /** What the dearest of the refused calls may have cost; null while none is missing. */
  #missing: NanoUsd | null = null

  constructor(spending: Pick<Spending, 'hasRoomFor' | 'couldPay'>) {
    this.#spending = spending
  }

  noteRefused(request: ChatRequest, description: ModelDescription): void {
    const cost = mostCostOf(request, description)
    if (this.#spending.couldPay(cost) && cost > (this.#missing ?? 0)) this.#missing = cost
  }

  isThere(): boolean {
    if (this.#missing === null) return true
    if (!this.#spending.hasRoomFor(this.#missing)) return false
    this.#missing = null
    return true
  }
}
