import type { ComplexityEstimate } from './complexity-estimate.ts'
import type { TaskFeatures } from './features.ts'
import { effectiveLabels, emptyKindRate, smoothedRate, withLabel } from './kind-rates.ts'
import type { KindRate } from './kind-rates.ts'
import { ResidualModel } from './residual-model.ts'
import type { ResidualModelSnapshot } from './residual-model.ts'

export type EstimatedTask = {
  readonly features: TaskFeatures
  readonly kind: string
  /** The agent's own first-formula complexity in [0, 1]: the start when there is no data. */
  readonly firstFormula: number
}

/** What a comparison said of a local answer of the checkpoint now serving. */
export type GoodEnoughLabel = EstimatedTask & {
  readonly goodEnough: boolean
  /** 1 / probability that this label was taken at all; clipped here. */
  readonly weight: number
}

export type AgentEvaluatorSnapshot = {
  readonly overall: KindRate
  readonly kinds: Readonly<Record<string, KindRate>>
  readonly residual: ResidualModelSnapshot
}

const maxWeight = 4
const maxKinds = 64
const passes = 2
/** The first formula counts like this many labels of the agent. */
const firstFormulaLabels = 12
/** The agent's own prior counts like this many labels of a kind. */
const kindPriorLabels = 1.5
const maxResidual = 2.5
/** The residual never lowers an estimate below this share of what the kind shows. */
const shareOfKindKept = 0.5

/** The estimate of one agent for one checkpoint. */
export class AgentEvaluator {
  #overall: KindRate = emptyKindRate
  readonly #kinds = new Map<string, KindRate>()
  #residual = new ResidualModel()

  estimate(task: EstimatedTask): ComplexityEstimate {
    const rate = this.#kinds.get(task.kind) ?? emptyKindRate
    const overall = effectiveLabels(this.#overall)
    const goodShare = rate.weight === 0 ? null : 1 - rate.badWeight / rate.weight
    return {
      complexity: overall === 0 ? task.firstFormula : this.#blended(task, rate),
      policy: overall === 0 ? 'first-formula' : 'learned',
      evidence: {
        overall,
        ofKind: effectiveLabels(rate),
        kindLabels: rate.labels,
        kindGood: rate.labels - rate.bad,
        kindGoodShare: goodShare,
      },
      weights: overall === 0 ? [] : this.#residual.contributions(task.features, 4),
    }
  }

  learn(label: GoodEnoughLabel): void {
    const weight = Math.min(Math.max(label.weight, 0), maxWeight)
    this.#learnResidual(label, weight)
    this.#count(label, weight)
  }

  /** Learns from many labels at once: the rates first, then what sets tasks of one kind apart. */
  fit(labels: readonly GoodEnoughLabel[]): void {
    for (const label of labels) this.#count(label, Math.min(Math.max(label.weight, 0), maxWeight))
    for (let pass = 0; pass < passes; pass += 1) {
      for (const label of labels) {
        this.#learnResidual(label, Math.min(Math.max(label.weight, 0), maxWeight))
      }
    }
  }

  snapshot(): AgentEvaluatorSnapshot {
    return {
      overall: this.#overall,
      kinds: Object.fromEntries(this.#kinds),
      residual: this.#residual.snapshot(),
    }
  }

  static restore(snapshot: AgentEvaluatorSnapshot): AgentEvaluator {
    const evaluator = new AgentEvaluator()
    evaluator.#overall = snapshot.overall
    for (const [kind, rate] of Object.entries(snapshot.kinds)) evaluator.#kinds.set(kind, rate)
    evaluator.#residual = ResidualModel.restore(snapshot.residual)
    return evaluator
  }

  #blended(task: EstimatedTask, rate: KindRate): number {
    const kindRate = this.#kindRate(task, rate)
    const estimate = sigmoid(logit(kindRate) + this.#residualOf(task.features))
    return Math.max(estimate, shareOfKindKept * kindRate)
  }

  #kindRate(task: EstimatedTask, rate: KindRate): number {
    const prior = smoothedRate(this.#overall, task.firstFormula, firstFormulaLabels)
    return smoothedRate(rate, prior, kindPriorLabels)
  }

  #residualOf(features: TaskFeatures): number {
    const logOdds = this.#residual.logOdds(features)
    return Math.max(-maxResidual, Math.min(maxResidual, logOdds))
  }

  #learnResidual(label: GoodEnoughLabel, weight: number): void {
    const rate = this.#kinds.get(label.kind) ?? emptyKindRate
    const offset = logit(this.#kindRate(label, rate))
    const estimate = sigmoid(offset + this.#residualOf(label.features))
    const error = estimate - (label.goodEnough ? 0 : 1)
    this.#residual.learn(label.features, error * Math.sqrt(weight))
  }

  #count(label: GoodEnoughLabel, weight: number): void {
    const rate = this.#kinds.get(label.kind) ?? emptyKindRate
    this.#kinds.delete(label.kind)
    this.#kinds.set(label.kind, withLabel(rate, label.goodEnough, weight))
    this.#overall = withLabel(this.#overall, label.goodEnough, weight)
    const oldest = this.#kinds.keys().next()
    if (this.#kinds.size > maxKinds && oldest.done !== true) this.#kinds.delete(oldest.value)
  }
}

function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}

function logit(probability: number): number {
  const bounded = Math.min(0.999, Math.max(0.001, probability))
  return Math.log(bounded / (1 - bounded))
}
