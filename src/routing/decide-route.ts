import type { Route } from '../kernel/decision.ts'
import type { ComplexityEstimate, RoutingPolicy } from './complexity-estimate.ts'

/** Below this share of sure answers, asking the local model first is mostly waiting in vain. */
const leastSureShare = 0.5
/** Labels of a kind that must be there before a task of that kind is served locally. */
const defaultMinKindLabels = 12

export type RouteInput = {
  readonly estimate: ComplexityEstimate
  readonly threshold: number
  /** The policy the operator chose; `first-formula` asks for no evidence. */
  readonly policy: RoutingPolicy
  /** The local model of the agent is loaded and can take a task now. */
  readonly localReady: boolean
  /** Uniform in [0, 1), drawn by the caller. */
  readonly auditCoin: number
  readonly auditProbability: number
  readonly minKindLabels?: number
  /**
   * Where the local answer leaves only if the model is sure of it: how likely that is, in [0, 1].
   * The estimate is then of sure answers.
   */
  readonly sureShare?: number | null
}

export type RouteDecision = {
  readonly route: Route
  /** One sentence for the user. */
  readonly reason: string
  /** True when this local answer is to be checked against the frontier. */
  readonly audited: boolean
  /** As recorded with the decision; 0 for frontier answers. */
  readonly auditProbability: number
}

/** Local when the task is shown to be easy enough for the local model, else frontier. */
export function decideRoute(input: RouteInput): RouteDecision {
  const obstacle = whyNotLocal(input)
  if (obstacle !== null) {
    return { route: 'frontier', reason: obstacle, audited: false, auditProbability: 0 }
  }
  return {
    route: 'local',
    reason: whyLocal(input),
    audited: input.auditCoin < input.auditProbability,
    auditProbability: input.auditProbability,
  }
}

/** When the frontier is down: is the local answer likely enough to be good? */
export function mayAnswerInOutage(
  estimate: ComplexityEstimate,
  performanceThreshold: number,
): boolean {
  return (
    estimate.policy === 'learned' &&
    estimate.evidence.ofKind > 0 &&
    1 - estimate.complexity >= performanceThreshold
  )
}

function whyNotLocal(input: RouteInput): string | null {
  const { estimate, threshold } = input
  const sureShare = input.sureShare ?? 1
  const { kindLabels } = estimate.evidence
  const missing = input.minKindLabels ?? defaultMinKindLabels
  if (!input.localReady) return 'Frontier: the local model is not ready.'
  if (input.policy === 'first-formula') {
    if (estimate.complexity < threshold) return null
    return `Frontier: ${comparison(estimate.complexity, threshold)} by the first formula.`
  }
  if (threshold === 0) {
    return 'Frontier: the local model has not yet shown that it is good enough.'
  }
  if (kindLabels < missing) {
    return `Frontier: only ${kindLabels} of ${missing} checks of this kind of task were made so far.`
  }
  // What is no number is below nothing: doubt goes to the frontier.
  if (!(estimate.complexity < threshold)) {
    return `Frontier: ${shareOfKind(input)} (${comparison(estimate.complexity, threshold)}).`
  }
  if (sureShare >= leastSureShare) return null
  return `Frontier: the local model is sure of only ${Math.floor(100 * sureShare)} % of its answers to tasks of this kind.`
}

function whyLocal(input: RouteInput): string {
  const { estimate, threshold } = input
  const compared = comparison(estimate.complexity, threshold)
  if (input.policy === 'first-formula') return `Local: ${compared} by the first formula.`
  return `Local: ${shareOfKind(input)} (${compared}).`
}

function shareOfKind({ estimate, sureShare }: RouteInput): string {
  const { kindLabels, kindGood } = estimate.evidence
  const share = Math.floor((100 * kindGood) / Math.max(1, kindLabels))
  const what = typeof sureShare === 'number' ? 'sure answers to tasks' : 'tasks'
  return `${share} % of ${what} of this kind were good enough in ${kindLabels} checks`
}

function comparison(complexity: number, threshold: number): string {
  const digits = complexity.toFixed(2) === threshold.toFixed(2) ? 3 : 2
  const sign = complexity < threshold ? '<' : '≥'
  return `complexity ${complexity.toFixed(digits)} ${sign} threshold ${threshold.toFixed(digits)}`
}
