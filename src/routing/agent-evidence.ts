import { AgentEvaluator } from './agent-evaluator.ts'
import type { AgentEvaluatorSnapshot, EstimatedTask, GoodEnoughLabel } from './agent-evaluator.ts'
import type { ComplexityEstimate } from './complexity-estimate.ts'
import { SureShares } from './sureness.ts'
import type { SureSharesSnapshot } from './sureness.ts'

/** What a comparison said of a local answer, and whether the model was sure of it. */
export type AnswerLabel = GoodEnoughLabel & { readonly sure: boolean }

/** The same task if the local model turns out to be sure of its answer, and if not. */
export type SplitEstimate = {
  readonly sure: ComplexityEstimate
  readonly unsure: ComplexityEstimate
  /** How likely it is to be sure, in [0, 1]. */
  readonly sureShare: number
}

export type AgentEvidenceSnapshot = {
  readonly sure: AgentEvaluatorSnapshot
  readonly unsure: AgentEvaluatorSnapshot
  readonly shares: SureSharesSnapshot
}

/** What is known of one agent's local answers, apart for those that the model was sure of. */
export class AgentEvidence {
  readonly #sure: AgentEvaluator
  readonly #unsure: AgentEvaluator
  readonly #shares: SureShares

  constructor(
    sure: AgentEvaluator = new AgentEvaluator(),
    unsure: AgentEvaluator = new AgentEvaluator(),
    shares: SureShares = new SureShares(),
  ) {
    this.#sure = sure
    this.#unsure = unsure
    this.#shares = shares
  }

  estimate(task: EstimatedTask): SplitEstimate {
    return {
      sure: this.#sure.estimate(task),
      unsure: this.#unsure.estimate(task),
      sureShare: this.#shares.share(task.kind),
    }
  }

  estimateOf(label: AnswerLabel): ComplexityEstimate {
    return this.#of(label).estimate(label)
  }

  learn(label: AnswerLabel): void {
    this.#of(label).learn(label)
  }

  fit(labels: readonly AnswerLabel[]): void {
    for (const { kind, sure } of labels) this.noteAnswer(kind, sure)
    this.#sure.fit(labels.filter(({ sure }) => sure))
    this.#unsure.fit(labels.filter(({ sure }) => !sure))
  }

  /** Counts an answer, compared or not. */
  noteAnswer(kind: string, sure: boolean): void {
    this.#shares.note(kind, sure)
  }

  mergeKinds(kinds: { readonly from: string; readonly into: string }): void {
    for (const part of [this.#sure, this.#unsure, this.#shares]) part.mergeKinds(kinds)
  }

  snapshot(): AgentEvidenceSnapshot {
    return {
      sure: this.#sure.snapshot(),
      unsure: this.#unsure.snapshot(),
      shares: this.#shares.snapshot(),
    }
  }

  static restore(snapshot: AgentEvidenceSnapshot): AgentEvidence {
    return new AgentEvidence(
      AgentEvaluator.restore(snapshot.sure),
      AgentEvaluator.restore(snapshot.unsure),
      new SureShares(snapshot.shares),
    )
  }

  #of({ sure }: AnswerLabel): AgentEvaluator {
    return sure ? this.#sure : this.#unsure
  }
}
