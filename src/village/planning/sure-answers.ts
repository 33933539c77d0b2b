import type { AgentName } from '../../kernel/agent-name.ts'
import type { SplitEstimate } from '../../routing/agent-evidence.ts'
import type { ComplexityEstimate, Evidence } from '../../routing/complexity-estimate.ts'
import { decideRoute } from '../../routing/decide-route.ts'
import { isSure } from '../../routing/sureness.ts'
import type { CascadeSettings } from './cascade-settings.ts'
import type { AnswerVerdict, AnswerWatch } from './held-back.ts'
import type { LocalLatency } from './local-latency.ts'
import type { Plan } from './plan.ts'
import type { SeenAnswer } from './seen-answer.ts'

/** How the policy `learned` looks at a task before the local model has answered it. */
export type FirstLook = {
  readonly estimate: ComplexityEstimate
  /** How likely the answer may stay, in [0, 1]; null where it is not judged: it leaves, sure or not. */
  readonly sureShare: number | null
  /** What is known of answers to this kind, sure or not. */
  readonly evidence: Evidence
}

/** What a label needs to know of the local answer it is about. */
export type LocalRun = {
  readonly sure: boolean
  readonly checkpoint: string | null
  readonly latencyMs: number
  readonly tokens: number
}

/**
 * The cascade of the policy `learned`: the local model is asked first where it is usually sure and
 * its sure answers are good enough; what it is not sure of is handed over to the frontier.
 */
export class SureAnswers {
  readonly #settings: CascadeSettings
  readonly #latency: LocalLatency

  constructor(settings: CascadeSettings, latency: LocalLatency) {
    this.#settings = settings
    this.#latency = latency
  }

  look(
    task: { readonly agent: AgentName; readonly kind: string; readonly streamed: boolean },
    split: SplitEstimate,
    threshold: number,
  ): FirstLook {
    const evidence = joined(split.sure.evidence, split.unsure.evidence)
    if (this.#mayBeJudged(task)) {
      const sureShare = mayLeave(split.unsure, threshold) ? 1 : split.sureShare
      return { estimate: split.sure, sureShare, evidence }
    }
    const complexity =
      split.sureShare * split.sure.complexity + (1 - split.sureShare) * split.unsure.complexity
    return { estimate: { ...split.sure, complexity, evidence }, sureShare: null, evidence }
  }

  /** How the local answer is looked at on its way out. */
  watch(plan: Plan, unsure: ComplexityEstimate | null): AnswerWatch {
    const { streamPrefixTokens: beginningTokens } = this.#settings
    if (unsure === null) return { beginningTokens, judge: null }
    return { beginningTokens, judge: (seen) => Promise.resolve(verdictOn(seen, plan, unsure)) }
  }

  observe(agent: AgentName, kind: string, { latencyMs, tokens }: LocalRun): void {
    this.#latency.observe(agent, kind, { latencyMs, tokens })
  }

  #mayBeJudged({ agent, kind, streamed }: Parameters<SureAnswers['look']>[0]): boolean {
    const { maxAddedLatencyMs, streamPrefixTokens } = this.#settings
    const mostTokens = streamed ? streamPrefixTokens : null
    return this.#latency.expectedMs(agent, kind, mostTokens) <= maxAddedLatencyMs
  }
}

function verdictOn(seen: SeenAnswer, plan: Plan, unsure: ComplexityEstimate): AnswerVerdict {
  const nothing = { features: null }
  if (isSure(seen.leastLogProbability)) {
    const { reason, complexity, weighed } = plan
    return { ...nothing, leaves: true, reason, complexity, weighed }
  }
  const { complexity, evidence } = unsure
  const probability = Math.round(100 * Math.exp(seen.leastLogProbability ?? 0))
  const doubt = `the local model was not sure of its answer (${probability} % for its least sure word)`
  const past = `${evidence.kindGood} of ${evidence.kindLabels} such answers to this kind of task were good enough`
  const unsureness = { what: 'its least sure word', effect: complexity - plan.complexity }
  const known = { ...nothing, complexity, weighed: [unsureness, ...plan.weighed].slice(0, 3) }
  return mayLeave(unsure, plan.threshold)
    ? { ...known, leaves: true, reason: `Local: ${doubt}, but ${past}.` }
    : { ...known, leaves: false, reason: `Frontier: ${doubt}; ${past}.` }
}

function mayLeave(estimate: ComplexityEstimate, threshold: number): boolean {
  const decided = decideRoute({
    estimate,
    threshold,
    policy: 'learned',
    localReady: true,
    auditCoin: 1,
    auditProbability: 0,
  })
  return decided.route === 'local'
}

function joined(sure: Evidence, unsure: Evidence): Evidence {
  const ofKind = sure.ofKind + unsure.ofKind
  const good = (evidence: Evidence): number => (evidence.kindGoodShare ?? 0) * evidence.ofKind
  return {
    overall: sure.overall + unsure.overall,
    ofKind,
    kindLabels: sure.kindLabels + unsure.kindLabels,
    kindGood: sure.kindGood + unsure.kindGood,
    kindGoodShare: ofKind === 0 ? null : (good(sure) + good(unsure)) / ofKind,
  }
}
