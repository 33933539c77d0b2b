import type { Decision } from '../kernel/decision.ts'
import { subtractMoney, usdFromNanoUsd } from '../kernel/money.ts'

/** Our extension of every answer: who answered, why, and what it saved. */
export type VillageBlock = {
  readonly agent: string | null
  readonly route: 'local' | 'frontier'
  readonly model: string
  readonly checkpoint: string | null
  readonly reason: string
  readonly decision_id: string
  readonly saved_usd: number
  readonly cost_usd: number
  readonly simulated: boolean
  /**
   * `hit`: no model was called for this answer, it was given before or to others as well;
   * `semantic`: it was given before to a similar request.
   */
  readonly cache: 'hit' | 'miss' | 'semantic'
}

export function villageBlock(decision: Decision): VillageBlock {
  return {
    agent: decision.agent,
    route: decision.route,
    model: decision.model,
    checkpoint: decision.checkpoint,
    reason: decision.reason,
    decision_id: decision.id,
    saved_usd: usdFromNanoUsd(subtractMoney(decision.alwaysFrontierCost, decision.cost)),
    cost_usd: usdFromNanoUsd(decision.cost),
    simulated: decision.simulated,
    cache: cacheOf(decision),
  }
}

function cacheOf({ reused }: Decision): VillageBlock['cache'] {
  if (reused === undefined) return 'miss'
  return reused.from === 'semantic' ? 'semantic' : 'hit'
}
