import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import type { CertificateEvent, CertificateMark } from '../kernel/certificate.ts'
import type { ChatMessage } from '../kernel/chat.ts'
import { usdFromNanoUsd } from '../kernel/money.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { ThresholdChange } from '../kernel/training.ts'
import { certifiedThreshold } from '../routing/certificate.ts'
import { CertifiedRouting } from '../routing/certified-routing.ts'
import type { FrozenScorer, RoutingLabel } from '../routing/certified-routing.ts'
import { readableText } from '../routing/features.ts'
import { GainModel } from '../routing/gain-model.ts'
import type { GainTask } from '../routing/gain-model.ts'
import { profileOf } from '../routing/text-profile.ts'
import type { CertifiedPlan } from './certified-plan.ts'

export type CertifiedServiceOptions = {
  readonly alpha: number
  readonly delta: number
  /** What the frontier would cost for a task of this kind. */
  estimateFrontierCost(agent: AgentName, kind: string): NanoUsd
}

type Service = {
  checkpoint: string | null
  routing: CertifiedRouting<GainTask>
  /** The models behind the scorers: what a score means is asked of the one that made it. */
  readonly models: WeakMap<FrozenScorer<GainTask>, GainModel>
  events: CertificateEvent[]
}

/** In serving, a scorer learns from the newest labels only: fitting holds the process up. */
const maxLabels = 2000
const firstFitLabels = 100
const weightsNamed = 3

/** Routes by certificates: each agent's threshold moves only to values that were shown. */
export class CertifiedService {
  readonly #options: CertifiedServiceOptions
  readonly #services = new Map<AgentName, Service>()
  /** By agent and checkpoint: a checkpoint that serves again goes on where its delta stood. */
  readonly #epochsSpent = new Map<string, number>()

  constructor(options: CertifiedServiceOptions) {
    this.#options = options
    for (const agent of agentNames) this.#services.set(agent, this.#newService(agent, null))
  }

  /**
   * Decides for one task. `advised` is the least audit probability that the learning side asks for;
   * `canShadow` says whether the local runtime has room. Neither may depend on the task's content.
   */
  plan(
    agent: AgentName,
    task: {
      readonly messages: readonly ChatMessage[]
      readonly kind: string
      /** False for a task that the local model cannot take at all: it is never local, nor counted. */
      readonly localReady: boolean
    },
    checks: { readonly advised: number; readonly canShadow: boolean },
  ): CertifiedPlan {
    const service = this.#serviceOf(agent)
    const features: GainTask = {
      request: profileOf(readableText(task.messages)),
      answer: null,
      signals: new Float32Array(),
    }
    const decision = service.routing.decide(features)
    const isLocal = decision.route === 'local' && task.localReady
    const auditProbability = Math.max(decision.auditProbability, checks.advised)
    const shadowProbability = checks.canShadow && task.localReady ? 1 : 0
    const cost = this.#options.estimateFrontierCost(agent, task.kind)
    const model = modelInForce(service)
    return {
      task: features,
      route: isLocal ? 'local' : 'frontier',
      reason: task.localReady
        ? this.#reason(model, features, decision, cost)
        : 'Frontier: the local model reads and writes plain text only.',
      complexity: probability(model?.gainAt(decision.score), 1),
      threshold: probability(
        decision.threshold === null ? undefined : model?.gainAt(decision.threshold),
        0,
      ),
      auditProbability,
      shadowProbability,
      floor: shadowProbability === 0 ? 0 : Math.min(auditProbability, shadowProbability),
    }
  }

  /** To be recorded with the comparison before it is learnt. */
  marksFor(agent: AgentName, plan: CertifiedPlan): readonly CertificateMark[] {
    if (plan.floor === 0) return []
    return this.#serviceOf(agent).routing.marksFor(plan.task, plan.floor)
  }

  learn(agent: AgentName, plan: CertifiedPlan, goodEnough: boolean): void {
    if (plan.floor === 0) return
    const servedLocally = plan.route === 'local'
    this.#serviceOf(agent).routing.record({
      task: plan.task,
      probability: servedLocally ? plan.auditProbability : plan.shadowProbability,
      floor: plan.floor,
      servedLocally,
      frontierRight: true,
      localRight: goodEnough,
    })
  }

  learnFailedAudit(agent: AgentName, plan: CertifiedPlan): void {
    if (plan.floor === 0) return
    const service = this.#serviceOf(agent)
    const marks = service.routing.marksFor(plan.task, plan.floor)
    service.routing.recordFailedAudit(plan.task, plan.auditProbability, plan.floor)
    if (marks.length === 0) return
    const { checkpoint } = service
    service.events.push({
      type: 'failed-audit',
      checkpoint,
      marks,
      probability: plan.auditProbability,
    })
  }

  /** Another checkpoint serves: its held-out results teach the first scorer, and certify nothing. */
  restart(
    agent: AgentName,
    checkpoint: string | null,
    heldOut: readonly { readonly messages: readonly ChatMessage[]; readonly goodEnough: boolean }[],
  ): void {
    const service = this.#newService(agent, checkpoint)
    this.#services.set(agent, service)
    service.routing.learnBefore(
      heldOut.map(({ messages, goodEnough }): RoutingLabel<GainTask> => ({
        task: {
          request: profileOf(readableText(messages)),
          answer: null,
          signals: new Float32Array(),
        },
        probability: 1,
        floor: 1,
        servedLocally: false,
        frontierRight: true,
        localRight: goodEnough,
      })),
    )
  }

  /** After a start: what was opened before has spent its part of delta, and has to be earned anew. */
  restore(opened: readonly ThresholdChange[], serving: (agent: AgentName) => string | null): void {
    for (const { agent, certificate } of opened) {
      if (certificate?.type !== 'opened') continue
      const { checkpoint, epoch } = certificate.terms
      const key = keyOf(agent, checkpoint)
      this.#epochsSpent.set(key, Math.max(epoch, this.#epochsSpent.get(key) ?? 0))
    }
    for (const agent of agentNames)
      this.#services.set(agent, this.#newService(agent, serving(agent)))
  }

  /** What happened since the last call, as changes of threshold for the ledger. */
  takeChanges(agent: AgentName, atMs: number): readonly ThresholdChange[] {
    const service = this.#serviceOf(agent)
    const value = this.threshold(agent)
    return service.events
      .splice(0)
      .map((certificate) => ({ agent, value, reason: said(certificate), atMs, certificate }))
  }

  threshold(agent: AgentName): number {
    const service = this.#serviceOf(agent)
    const model = modelInForce(service)
    const { certificate } = service.routing
    if (model === null || certificate === null) return 0
    const threshold = certifiedThreshold(certificate)
    return probability(threshold === null ? undefined : model.gainAt(threshold), 0)
  }

  #reason(
    model: GainModel | null,
    task: GainTask,
    decision: ReturnType<CertifiedRouting<GainTask>['decide']>,
    frontierCost: NanoUsd,
  ): string {
    const { alpha, delta } = this.#options
    if (decision.threshold === null || model === null) {
      return `Frontier: it is not yet certified that at most ${percent(alpha)} are lost locally.`
    }
    const weights = model
      .explain(task, weightsNamed)
      .map(({ name, gain }) => `${name} (${gain < 0 ? '−' : '+'}${percent(Math.abs(gain))})`)
      .join(', ')
    const gain = percent(probability(model.gainAt(decision.score), 1))
    const other =
      decision.route === 'local'
        ? `the frontier would have cost about $${usdFromNanoUsd(frontierCost).toFixed(5)}`
        : 'the local model would have cost nothing'
    const bound = `certified: at most ${percent(alpha)} lost with ${percent(1 - delta)} confidence`
    return decision.route === 'local'
      ? `Local: the frontier would gain ${gain} here (${bound}); most weighed ${weights}; ${other}.`
      : `Frontier: it would gain ${gain} here, more than is certified; most weighed ${weights}; ${other}.`
  }

  #newService(agent: AgentName, checkpoint: string | null): Service {
    const events: CertificateEvent[] = []
    const service: Service = {
      checkpoint,
      models: new WeakMap(),
      events,
      routing: new CertifiedRouting<GainTask>({
        agent,
        checkpoint,
        alpha: this.#options.alpha,
        delta: this.#options.delta,
        firstFitLabels,
        maxLabels,
        epochsSpent: this.#epochsSpent.get(keyOf(agent, checkpoint)) ?? 0,
        onEvent: (event) => {
          events.push(event)
          if (event.type !== 'opened') return
          this.#epochsSpent.set(keyOf(agent, checkpoint), event.terms.epoch)
        },
        fit: (labels) => {
          const model = new GainModel(
            labels.map((label) => ({
              request: label.task.request,
              answer: label.task.answer,
              signals: label.task.signals,
              localRight: label.localRight,
              frontierRight: label.frontierRight,
            })),
            { signalNames: [] },
          )
          const scorer: FrozenScorer<GainTask> = {
            name: `${agent}, ${labels.length} labels, ${model.choice}`,
            score: (task) => model.score(task),
          }
          service.models.set(scorer, model)
          return {
            scorer,
            past: model.crossFitted.map(({ score, loss }) => ({ score, loss })),
          }
        },
      }),
    }
    return service
  }

  #serviceOf(agent: AgentName): Service {
    const service = this.#services.get(agent)
    if (service === undefined) throw new RangeError(`No such agent: ${agent}`)
    return service
  }
}

function modelInForce({ routing, models }: Service): GainModel | null {
  return routing.scorer === null ? null : (models.get(routing.scorer) ?? null)
}

function said(event: CertificateEvent): string {
  switch (event.type) {
    case 'opened':
      return `Certificate ${event.terms.epoch} opened: ${event.terms.thresholds.length} thresholds to be shown.`
    case 'certified':
      return `Certified after ${event.label} labels (certificate ${event.epoch}).`
    case 'failed-audit':
      return 'An audit failed: it counts against the certificate.'
    case 'drift':
      return 'Closed: the local model has become worse than was certified.'
  }
}

/** A number in [0, 1], or `otherwise` where there is none. */
function probability(value: number | undefined, otherwise: number): number {
  if (value === undefined || Number.isNaN(value)) return otherwise
  return Math.max(0, Math.min(1, value))
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function keyOf(agent: AgentName, checkpoint: string | null): string {
  return `${agent}:${checkpoint ?? 'base'}`
}
