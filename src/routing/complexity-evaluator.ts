import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import { seededRandom } from '../kernel/random.ts'
import type { EstimatedTask } from './agent-evaluator.ts'
import { AgentEvidence } from './agent-evidence.ts'
import type { AgentEvidenceSnapshot, AnswerLabel, SplitEstimate } from './agent-evidence.ts'
import type { ScoredLabel } from './complexity-estimate.ts'

export type ComplexityEvaluatorSnapshot = {
  readonly version: typeof snapshotVersion
  readonly agents: Readonly<Record<AgentName, AgentEvidenceSnapshot>>
}

const snapshotVersion = 2
const folds = 5

/** Per agent: how likely is it that the local model's answer to this task is not good enough. */
export class ComplexityEvaluator {
  readonly #agents = new Map<AgentName, AgentEvidence>(
    agentNames.map((agent) => [agent, new AgentEvidence()]),
  )

  estimate(agent: AgentName, task: EstimatedTask): SplitEstimate {
    return this.#evidenceOf(agent).estimate(task)
  }

  /** Counts a local answer of the checkpoint now serving, compared or not. */
  noteAnswer(agent: AgentName, kind: string, sure: boolean): void {
    this.#evidenceOf(agent).noteAnswer(kind, sure)
  }

  /** Two kinds of the agent's tasks turned out to be one. */
  mergeKinds(agent: AgentName, kinds: { readonly from: string; readonly into: string }): void {
    this.#evidenceOf(agent).mergeKinds(kinds)
  }

  /** Learns from one label and returns it with the estimate made before. */
  learn(agent: AgentName, label: AnswerLabel): ScoredLabel {
    const evidence = this.#evidenceOf(agent)
    const scored = scoredBy(evidence, label)
    evidence.learn(label)
    return scored
  }

  /**
   * Forgets everything about the checkpoint that served before and starts from labels of the one
   * that serves now. Returns each label with a complexity estimated from the others only (5 folds).
   */
  restart(agent: AgentName, labels: readonly AnswerLabel[]): readonly ScoredLabel[] {
    const evidence = new AgentEvidence()
    evidence.fit(inRandomOrder(labels))
    this.#agents.set(agent, evidence)
    return crossFitted(labels)
  }

  snapshot(): ComplexityEvaluatorSnapshot {
    const agents = agentNames.map((agent) => [agent, this.#evidenceOf(agent).snapshot()] as const)
    return {
      version: snapshotVersion,
      agents: Object.fromEntries(agents) as Record<AgentName, AgentEvidenceSnapshot>,
    }
  }

  /** Takes up a snapshot. One of another version is ignored, and false returned. */
  restore(snapshot: ComplexityEvaluatorSnapshot): boolean {
    if ((snapshot.version as number) !== snapshotVersion) return false
    for (const agent of agentNames) {
      this.#agents.set(agent, AgentEvidence.restore(snapshot.agents[agent]))
    }
    return true
  }

  #evidenceOf(agent: AgentName): AgentEvidence {
    const evidence = this.#agents.get(agent)
    if (evidence === undefined) throw new RangeError(`No such agent: ${agent}`)
    return evidence
  }
}

function scoredBy(evidence: AgentEvidence, label: AnswerLabel): ScoredLabel {
  const { complexity } = evidence.estimateOf(label)
  return { complexity, goodEnough: label.goodEnough, weight: label.weight }
}

function crossFitted(labels: readonly AnswerLabel[]): readonly ScoredLabel[] {
  const folded = Array.from({ length: folds }, (_, fold) => {
    const evidence = new AgentEvidence()
    evidence.fit(inRandomOrder(labels.filter((_label, at) => at % folds !== fold)))
    return evidence
  })
  return labels.flatMap((label, at) => {
    const evidence = folded[at % folds]
    return evidence === undefined ? [] : [scoredBy(evidence, label)]
  })
}

/** A fixed shuffle: held-out labels often come sorted by kind, which misleads one pass. */
function inRandomOrder(labels: readonly AnswerLabel[]): readonly AnswerLabel[] {
  const random = seededRandom(labels.length)
  return labels
    .map((label) => ({ label, order: random() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ label }) => label)
}
