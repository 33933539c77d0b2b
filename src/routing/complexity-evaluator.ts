import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import { seededRandom } from '../kernel/random.ts'
import { AgentEvaluator } from './agent-evaluator.ts'
import type { AgentEvaluatorSnapshot, EstimatedTask, GoodEnoughLabel } from './agent-evaluator.ts'
import type { ComplexityEstimate, ScoredLabel } from './complexity-estimate.ts'

export type ComplexityEvaluatorSnapshot = {
  readonly version: 1
  readonly agents: Readonly<Record<AgentName, AgentEvaluatorSnapshot>>
}

const folds = 5

/** Per agent: how likely is it that the local model's answer to this task is not good enough. */
export class ComplexityEvaluator {
  readonly #agents = new Map<AgentName, AgentEvaluator>(
    agentNames.map((agent) => [agent, new AgentEvaluator()]),
  )

  estimate(agent: AgentName, task: EstimatedTask): ComplexityEstimate {
    return this.#evaluatorOf(agent).estimate(task)
  }

  /** Learns from one label and returns it with the estimate made before. */
  learn(agent: AgentName, label: GoodEnoughLabel): ScoredLabel {
    const evaluator = this.#evaluatorOf(agent)
    const scored = scoredBy(evaluator, label)
    evaluator.learn(label)
    return scored
  }

  /**
   * Forgets everything about the checkpoint that served before and starts from labels of the one
   * that serves now. Returns each label with a complexity estimated from the others only (5 folds).
   */
  restart(agent: AgentName, labels: readonly GoodEnoughLabel[]): readonly ScoredLabel[] {
    const evaluator = new AgentEvaluator()
    evaluator.fit(inRandomOrder(labels))
    this.#agents.set(agent, evaluator)
    return crossFitted(labels)
  }

  snapshot(): ComplexityEvaluatorSnapshot {
    const agents = agentNames.map((agent) => [agent, this.#evaluatorOf(agent).snapshot()] as const)
    return {
      version: 1,
      agents: Object.fromEntries(agents) as Record<AgentName, AgentEvaluatorSnapshot>,
    }
  }

  /** Takes up a snapshot. One of another version is ignored, and false returned. */
  restore(snapshot: ComplexityEvaluatorSnapshot): boolean {
    if ((snapshot.version as number) !== 1) return false
    for (const agent of agentNames) {
      this.#agents.set(agent, AgentEvaluator.restore(snapshot.agents[agent]))
    }
    return true
  }

  #evaluatorOf(agent: AgentName): AgentEvaluator {
    const evaluator = this.#agents.get(agent)
    if (evaluator === undefined) throw new RangeError(`No such agent: ${agent}`)
    return evaluator
  }
}

function scoredBy(evaluator: AgentEvaluator, label: GoodEnoughLabel): ScoredLabel {
  const { complexity } = evaluator.estimate(label)
  return { complexity, goodEnough: label.goodEnough, weight: label.weight }
}

function crossFitted(labels: readonly GoodEnoughLabel[]): readonly ScoredLabel[] {
  const evaluators = Array.from({ length: folds }, (_, fold) => {
    const evaluator = new AgentEvaluator()
    evaluator.fit(inRandomOrder(labels.filter((_label, at) => at % folds !== fold)))
    return evaluator
  })
  return labels.flatMap((label, at) => {
    const evaluator = evaluators[at % folds]
    return evaluator === undefined ? [] : [scoredBy(evaluator, label)]
  })
}

/** A fixed shuffle: held-out labels often come sorted by kind, which misleads one pass. */
function inRandomOrder(labels: readonly GoodEnoughLabel[]): readonly GoodEnoughLabel[] {
  const random = seededRandom(labels.length)
  return labels
    .map((label) => ({ label, order: random() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ label }) => label)
}
