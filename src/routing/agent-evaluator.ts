import type { ComplexityEstimate } from './complexity-estimate.ts'
import type { TaskFeatures } from './features.ts'
import { kindPriorLabels } from './kind-prior.ts'
import { emptyKindRate, joinedRates, smoothedRate, withLabel } from './kind-rates.ts'
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
  /** 1 / probability that this label was taken at all; clipped here, and for what sets tasks of one kind apart only. */
  readonly weight: number
}

export type AgentEvaluatorSnapshot = {
  readonly overall: KindRate
  readonly kinds: Readonly<Record<string, KindRate>>
  readonly advantages: Readonly<Record<string, number>>
  readonly residual: ResidualModelSnapshot
}

const maxWeight = 4
const maxKinds = 64
const passes = 2
/** The first formula counts like this many labels of the agent. */
const firstFormulaLabels = 12
const maxResidual = 3
/** The residual never lowers an estimate below this share of what the kind shows. */
const shareOfKindKept = 0.1

/**
 * The residual is used for a kind once it has predicted labels so much better than the kind's rate
 * (log-likelihood ratio on labels not yet learned; chance gets there once in 20 at most).
 */
const advantageNeeded = 3
const advantageRange = 6

/** The estimate of one agent for one checkpoint. */
export class AgentEvaluator {
  #overall: KindRate = emptyKindRate
  /** How much the agent's rate says about a kind; null once labels have changed what is known. */
  #kindPriorLabels: number | null = null
  readonly #kinds = new Map<string, KindRate>()
  /** By kind: how much better the residual has predicted than the kind's rate alone. */
  readonly #advantages = new Map<string, number>()
  #residual = new ResidualModel()

  estimate(task: EstimatedTask): ComplexityEstimate {
    const rate = this.#kinds.get(task.kind) ?? emptyKindRate
    const overall = this.#overall.fadedLabels
    const goodShare = rate.labels === 0 ? null : 1 - rate.fadedBad / rate.fadedLabels
    const start = task.firstFormula
    const rates =
      overall === 0
        ? { start, agent: start, kind: start }
        : { start, agent: this.#agentRate(task), kind: this.#kindRate(task, rate) }
    return {
      complexity: overall === 0 ? start : this.#blended(task, rate),
      rates,
      policy: overall === 0 ? 'first-formula' : 'learned',
      evidence: {
        overall,
        ofKind: rate.fadedLabels,
        kindLabels: rate.labels,
        kindGood: rate.labels - rate.bad,
        kindGoodShare: goodShare,
      },
      weights: this.#isResidualProven(task.kind)
        ? this.#residual.contributions(task.features, 4)
        : [],
    }
  }

  learn(label: GoodEnoughLabel): void {
    this.#weighResidual(label)
    this.#learnResidual(label)
    this.#count(label)
  }

  /** Learns from many labels at once: the rates first, then what sets tasks of one kind apart. */
  fit(labels: readonly GoodEnoughLabel[]): void {
    for (const label of labels) this.#count(label)
    for (let pass = 0; pass < passes; pass += 1) {
      for (const label of labels) {
        if (pass === 0) this.#weighResidual(label)
        this.#learnResidual(label)
      }
    }
  }

  /** What was learnt of `from` counts for `into`; whether the residual helps there is shown anew. */
  mergeKinds({ from, into }: { readonly from: string; readonly into: string }): void {
    this.#advantages.delete(from)
    const rate = this.#kinds.get(from)
    if (rate === undefined) return
    this.#kindPriorLabels = null
    this.#kinds.delete(from)
    this.#kinds.set(into, joinedRates(this.#kinds.get(into) ?? emptyKindRate, rate))
  }

  snapshot(): AgentEvaluatorSnapshot {
    return {
      overall: this.#overall,
      kinds: Object.fromEntries(this.#kinds),
      advantages: Object.fromEntries(this.#advantages),
      residual: this.#residual.snapshot(),
    }
  }

  static restore(snapshot: AgentEvaluatorSnapshot): AgentEvaluator {
    const evaluator = new AgentEvaluator()
    evaluator.#overall = snapshot.overall
    for (const [kind, rate] of Object.entries(snapshot.kinds)) evaluator.#kinds.set(kind, rate)
    for (const [kind, advantage] of Object.entries(snapshot.advantages)) {
      evaluator.#advantages.set(kind, advantage)
    }
    evaluator.#residual = ResidualModel.restore(snapshot.residual)
    return evaluator
  }

  #blended(task: EstimatedTask, rate: KindRate): number {
    const kindRate = this.#kindRate(task, rate)
    return this.#isResidualProven(task.kind) ? this.#withResidual(kindRate, task) : kindRate
  }

  #isResidualProven(kind: string): boolean {
    return (this.#advantages.get(kind) ?? 0) >= advantageNeeded
  }

  #withResidual(kindRate: number, task: EstimatedTask): number {
    const logOdds = this.#residual.logOdds(task.features)
    const bounded = Math.max(-maxResidual, Math.min(maxResidual, logOdds))
    return Math.max(sigmoid(logit(kindRate) + bounded), shareOfKindKept * kindRate)
  }

  #agentRate(task: EstimatedTask): number {
    return smoothedRate(this.#overall, task.firstFormula, firstFormulaLabels)
  }

  #kindRate(task: EstimatedTask, rate: KindRate): number {
    const prior = this.#agentRate(task)
    this.#kindPriorLabels ??= kindPriorLabels(this.#kinds.values(), prior)
    return smoothedRate(rate, prior, this.#kindPriorLabels)
  }

  #learnResidual(label: GoodEnoughLabel): void {
    const kindRate = this.#kindRate(label, this.#kinds.get(label.kind) ?? emptyKindRate)
    const estimate = this.#withResidual(kindRate, label)
    const weight = Math.min(Math.max(label.weight, 0), maxWeight)
    const error = estimate - (label.goodEnough ? 0 : 1)
    this.#residual.learn(label.features, error * Math.sqrt(weight))
  }

  #weighResidual(label: GoodEnoughLabel): void {
    const kindRate = this.#kindRate(label, this.#kinds.get(label.kind) ?? emptyKindRate)
    const estimate = this.#withResidual(kindRate, label)
    const gain = label.goodEnough
      ? Math.log((1 - estimate) / (1 - kindRate))
      : Math.log(estimate / kindRate)
    const advantage = (this.#advantages.get(label.kind) ?? 0) + gain
    this.#advantages.set(label.kind, Math.max(-advantageRange, Math.min(advantageRange, advantage)))
  }

  #count(label: GoodEnoughLabel): void {
    this.#kindPriorLabels = null
    const rate = this.#kinds.get(label.kind) ?? emptyKindRate
    this.#kinds.delete(label.kind)
    this.#kinds.set(label.kind, withLabel(rate, label.goodEnough))
    this.#overall = withLabel(this.#overall, label.goodEnough)
    const oldest = this.#kinds.keys().next()
    if (this.#kinds.size <= maxKinds || oldest.done === true) return
    this.#kinds.delete(oldest.value)
    this.#advantages.delete(oldest.value)
  }
}

function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}

function logit(probability: number): number {
  const bounded = Math.min(0.999, Math.max(0.001, probability))
  return Math.log(bounded / (1 - bounded))
}
