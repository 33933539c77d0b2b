import type { Decision, Explanation, Route, Weighed } from '../kernel/decision.ts'
import { noMoney, usdFromNanoUsd } from '../kernel/money.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { AnswerVerdict } from './held-back.ts'
import type { Plan } from './plan.ts'

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
  const { route, cost, alwaysFrontierCost } = decision
  const explanation = explain({
    route,
    reason: decision.reason,
    weighed: verdict?.weighed ?? plan.weighed,
    expectedLoss: decision.complexity ?? 1,
    frontierCost: route === 'local' ? alwaysFrontierCost : cost,
  })
  return { ...decision, explanation }
}

function explain(decided: {
  readonly route: Route
  readonly reason: string
  readonly weighed: readonly Weighed[]
  readonly expectedLoss: number
  readonly frontierCost: NanoUsd
}): Explanation {
  const { route, reason, weighed, expectedLoss, frontierCost } = decided
  const alternative =
    route === 'local'
      ? ({ route: 'frontier', cost: frontierCost, expectedLoss: 0 } as const)
      : ({ route: 'local', cost: noMoney, expectedLoss } as const)
  const parts = [
    reason.replace(/\.$/, ''),
    ...(weighed.length === 0 ? [] : [`most weighed ${weighed.map(inWords).join(', ')}`]),
    route === 'local'
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
