import type { Decision, Explanation, Weighed } from '../../kernel/decision.ts'
import { noMoney, usdFromNanoUsd } from '../../kernel/money.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { AnswerVerdict } from '../planning/held-back.ts'
import type { Plan } from '../planning/plan.ts'

/**
 * The decision with its explanation: the reason, what weighed most, and what the other choice would
 * have cost. Left as it is where the client named the model.
 */
export function withExplanation(
  decision: Decision,
  plan: Plan | null,
  verdict: AnswerVerdict | null,
): Decision {
  if (plan === null) return decision
  const { cost, alwaysFrontierCost } = decision
  const explanation = explain({
    reason: decision.reason,
    weighed: verdict?.weighed ?? plan.weighed,
    expectedLoss: decision.complexity ?? 1,
    frontierCost: isInstead(decision) ? alwaysFrontierCost : cost,
    isInstead: isInstead(decision),
  })
  return { ...decision, explanation }
}

/** Did another model answer than the agent's own frontier model? */
function isInstead({ route, candidate }: Decision): boolean {
  return route === 'local' || candidate !== undefined
}

function explain(decided: {
  readonly reason: string
  readonly weighed: readonly Weighed[]
  readonly expectedLoss: number
  readonly frontierCost: NanoUsd
  readonly isInstead: boolean
}): Explanation {
  const { isInstead: instead, reason, weighed, expectedLoss, frontierCost } = decided
  const alternative = instead
    ? ({ route: 'frontier', cost: frontierCost, expectedLoss: 0 } as const)
    : ({ route: 'local', cost: noMoney, expectedLoss } as const)
  const parts = [
    reason.replace(/\.$/, ''),
    ...(weighed.length === 0 ? [] : [`most weighed ${weighed.map(inWords).join(', ')}`]),
    instead
      ? `the frontier would have cost about $${usdFromNanoUsd(frontierCost).toFixed(5)}`
      : `the local model would have cost nothing and been wrong in about ${percent(expectedLoss)}`,
  ]
  return { sentence: `${parts.join('; ')}.`, weighed, alternative }
}

function inWords({ what, effect }: Weighed): string {
  return `${what} (${effect < 0 ? '−' : '+'}${percent(Math.abs(effect))})`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
