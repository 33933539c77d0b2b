import type { CertificateEvent, CertificateMark } from '../kernel/certificate.ts'
import type { QualityTarget } from '../kernel/target.ts'
import {
  auditRate,
  defaultAuditRates,
  labelsToNextThreshold,
  type AuditRates,
} from './audit-rate.ts'
import {
  certifiedThreshold,
  recordLabel,
  startCertificate,
  type Certificate,
} from './certificate.ts'
import { hasDrifted, noDrift } from './drift-test.ts'
import { entryOf, type FittedScorer, type FrozenScorer } from './frozen-scorer.ts'
import { countLabel, shareOf, type Epoch, type RoutingLabel } from './routing-epoch.ts'
import { thresholdGrid } from './threshold-grid.ts'

export type CertifiedRoutingOptions<Task> = {
  readonly agent: string
  readonly checkpoint: string | null
  readonly alpha: number
  readonly delta: number
  /** A promise where it takes time; it resolves to null when it failed: what serves goes on. */
  fit(
    labels: readonly RoutingLabel<Task>[],
  ): FittedScorer<Task> | Promise<FittedScorer<Task> | null>
  readonly rates?: AuditRates
  /** Labels from which the first scorer is fitted. */
  readonly firstFitLabels?: number
  /** The next scorer is fitted after so many times the labels. */
  readonly growthPerFit?: number
  /** Labels kept for fitting; the oldest go first. */
  readonly maxLabels?: number
  /** Certificates that this checkpoint has had already: their parts of delta are spent. */
  readonly epochsSpent?: number
  onEvent?(event: CertificateEvent): void
}

export type CertifiedDecision = {
  readonly route: 'local' | 'frontier'
  /** Before the run what the score cannot fall below; NaN while nothing is certified. */
  readonly score: number
  /** The certified threshold in force, or null: then everything goes to the frontier. */
  readonly threshold: number | null
  /** With which probability a local answer is audited now, whatever the task; never 0. */
  readonly auditProbability: number
  readonly epoch: number
}

const defaultFirstFitLabels = 200
const defaultMaxLabels = 16_384
const defaultGrowthPerFit = 3
/** Certificates earned at a time: each label is scored by the scorers of all of them. */
const mostChallengers = 3

/**
 * One agent and one checkpoint: from labels to a frozen scorer, to a certificate, to local answers.
 * Scorers that have seen more earn further certificates beside the first ones, each with a part of
 * delta of its own; the one that lets most stay local serves. A drift ends all, and all begins anew.
 */
export class CertifiedRouting<Task> {
  readonly #options: CertifiedRoutingOptions<Task>
  #labels: RoutingLabel<Task>[] = []
  #labelsAtFit = 0
  #labelsSeen = 0
  #epochs = 0
  #serving: Epoch<Task> | null = null
  /** Of rising epochs: each by a scorer that has learnt from more. */
  #challengers: readonly Epoch<Task>[] = []
  #drifts = 0
  #fitting: Promise<void> | null = null
  #target: QualityTarget

  constructor(options: CertifiedRoutingOptions<Task>) {
    this.#options = options
    this.#epochs = options.epochsSpent ?? 0
    this.#target = options
  }

  /**
   * Another bound is to be shown from now on, by labels that are still to come: with a target chosen
   * after the labels were seen they would prove less than they seem to. What is certified serves on
   * where it shows the new target, too.
   */
  retarget(target: QualityTarget): void {
    if (target.alpha === this.#target.alpha && target.delta === this.#target.delta) return
    this.#target = target
    const terms = this.#serving?.certificate.terms
    const isShown =
      terms !== undefined && terms.alpha <= target.alpha && terms.delta <= target.delta
    this.recertify({ keepServing: isShown })
  }

  /** Gives what is being earned up and begins anew with the labels that are there to learn from. */
  recertify({ keepServing = false }: { readonly keepServing?: boolean } = {}): void {
    this.#challengers = []
    if (!keepServing) this.#serving = null
    this.#labelsAtFit = 0
    this.#fitSometimes()
  }

  /** Labels from before this checkpoint served: they may teach a scorer, and certify nothing. */
  learnBefore(labels: readonly RoutingLabel<Task>[]): void {
    this.#labels.push(...labels)
    this.#labelsSeen += labels.length
    this.#fitSometimes()
  }

  decide(task: Task): CertifiedDecision {
    const serving = this.#serving
    const threshold = serving === null ? null : certifiedThreshold(serving.certificate)
    const score = serving === null ? Number.NaN : entryOf(serving.scorer, task)
    return {
      route: threshold !== null && score <= threshold ? 'local' : 'frontier',
      score,
      threshold,
      auditProbability: this.auditProbability(),
      epoch: serving?.certificate.terms.epoch ?? 0,
    }
  }

  /**
   * The same with the local answer in hand: may it leave? Not when what decided before is no longer
   * in force. To be called for a task that was to go to the local model.
   */
  decideAfter(before: CertifiedDecision, task: Task): CertifiedDecision {
    const serving = this.#serving
    const isInForce = serving !== null && serving.certificate.terms.epoch === before.epoch
    const score = isInForce ? serving.scorer.score(task) : Number.NaN
    const mayLeave = before.threshold !== null && score <= before.threshold
    return { ...before, route: mayLeave ? 'local' : 'frontier', score }
  }

  /** Resolves when no scorer is being fitted. */
  async fitted(): Promise<void> {
    await this.#fitting
  }

  auditProbability(): number {
    const rates = this.#options.rates ?? defaultAuditRates
    const asked = this.#epochsUnderWay().map(({ certificate, drift }) =>
      auditRate(certificate, drift, rates),
    )
    return Math.max(rates.low, ...asked)
  }

  record(label: RoutingLabel<Task>): void {
    this.#labels.push(label)
    this.#labelsSeen += 1
    if (this.#labels.length > (this.#options.maxLabels ?? defaultMaxLabels)) this.#labels.shift()
    for (const epoch of this.#epochsUnderWay()) this.#count(epoch, label)
    if (this.#serving !== null && hasDrifted(this.#serving.drift)) {
      const { epoch } = this.#serving.certificate.terms
      this.#beginAnew()
      this.#options.onEvent?.({ type: 'drift', checkpoint: this.#options.checkpoint, epoch })
    }
    this.#promote()
    this.#fitSometimes()
  }

  /** Under which numbers the next label of this task counts; to be recorded before it is learnt. */
  marksFor(task: Task, floor: number): readonly CertificateMark[] {
    return this.#epochsUnderWay().flatMap((epoch) => {
      const score = epoch.scorer.score(task)
      if (Number.isNaN(score)) return []
      const { terms, labels } = epoch.certificate
      return [{ epoch: terms.epoch, label: labels + 1, score, floor }]
    })
  }

  /** An audit whose frontier call failed: it counts against the certificate and teaches nothing. */
  recordFailedAudit(task: Task, probability: number, floor: number): void {
    for (const epoch of this.#epochsUnderWay()) {
      const score = epoch.scorer.score(task)
      if (Number.isNaN(score)) continue
      epoch.certificate = recordLabel(epoch.certificate, { score, probability, floor, loss: null })
    }
  }

  /** The certificate in force, or the one that is being earned. */
  get certificate(): Certificate | null {
    return this.#epochsUnderWay()[0]?.certificate ?? null
  }

  /** The scorer behind the threshold in force. */
  get scorer(): FrozenScorer<Task> | null {
    return this.#serving?.scorer ?? null
  }

  get drifts(): number {
    return this.#drifts
  }

  #count(epoch: Epoch<Task>, label: RoutingLabel<Task>): void {
    const threshold = countLabel(epoch, label)
    if (threshold === null) return
    const { terms, labels } = epoch.certificate
    const { checkpoint } = this.#options
    this.#options.onEvent?.({
      type: 'certified',
      checkpoint,
      epoch: terms.epoch,
      label: labels,
      threshold,
    })
  }

  /** Labels from before the drift tell of another model: they are forgotten. */
  #beginAnew(): void {
    this.#drifts += 1
    this.#serving = null
    this.#challengers = []
    this.#labels = []
    this.#labelsAtFit = 0
    this.#labelsSeen = 0
  }

  #promote(): void {
    const [best] = this.#challengers.toSorted((one, other) => shareOf(other) - shareOf(one))
    if (best === undefined || shareOf(best) <= shareOf(this.#serving)) return
    this.#serving = best
    // What learnt from less than the scorer in force is given up: it would only cost audits.
    const from = this.#challengers.indexOf(best) + 1
    this.#challengers = this.#challengers.slice(from)
  }

  /** What serves first, then what is being earned, the scorer that learnt from most first. */
  #epochsUnderWay(): readonly Epoch<Task>[] {
    const earning = this.#challengers.toReversed()
    return this.#serving === null ? earning : [this.#serving, ...earning]
  }

  #fitSometimes(): void {
    const { firstFitLabels = defaultFirstFitLabels, growthPerFit = defaultGrowthPerFit } =
      this.#options
    const due =
      this.#labelsAtFit === 0
        ? this.#labelsSeen >= firstFitLabels
        : this.#labelsSeen >= growthPerFit * this.#labelsAtFit
    if (!due || this.#fitting !== null) return
    this.#labelsAtFit = this.#labelsSeen
    const fitted = this.#options.fit(this.#labels)
    if (!(fitted instanceof Promise)) return this.#open(fitted)
    const drifts = this.#drifts
    this.#fitting = fitted.then((late) => {
      this.#fitting = null
      if (late !== null && drifts === this.#drifts) this.#open(late)
    })
  }

  #open({ scorer, past }: FittedScorer<Task>): void {
    const { agent, checkpoint } = this.#options
    const { alpha, delta } = this.#target
    const { thresholds, expectedLoss, shares } = thresholdGrid(past, alpha)
    this.#epochs += 1
    const certificate = startCertificate({
      version: 2,
      agent,
      checkpoint,
      epoch: this.#epochs,
      scorer: scorer.name,
      alpha,
      delta,
      thresholds,
      expectedLoss,
    })
    this.#challengers = worthEarning([
      ...this.#challengers,
      { scorer, shares, certificate, drift: noDrift },
    ])
    this.#options.onEvent?.({ type: 'opened', terms: certificate.terms })
  }
}

/** Without the one that seems furthest from its next threshold, where there are too many. */
function worthEarning<Task>(challengers: readonly Epoch<Task>[]): readonly Epoch<Task>[] {
  if (challengers.length <= mostChallengers) return challengers
  const remaining = challengers.map(
    ({ certificate }) => labelsToNextThreshold(certificate) ?? Number.POSITIVE_INFINITY,
  )
  const furthest = remaining.indexOf(Math.max(...remaining))
  return challengers.filter((_, at) => at !== furthest)
}
