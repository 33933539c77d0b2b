import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import type { CertificateEvent, CertificateMark } from '../kernel/certificate.ts'
import type { ChatMessage } from '../kernel/chat.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { ThresholdChange } from '../kernel/training.ts'
import { leastLabelProbability } from '../routing/audit-rate.ts'
import { answerSignalNames } from '../routing/answer-signals.ts'
import { CascadeScorer } from '../routing/cascade-scorer.ts'
import type { CascadeLabel, CascadeTask } from '../routing/cascade-scorer.ts'
import { certifiedThreshold } from '../routing/certificate.ts'
import { CertifiedRouting } from '../routing/certified-routing.ts'
import type { RoutingLabel } from '../routing/certified-routing.ts'
import { readableText } from '../routing/features.ts'
import { leastStayChance } from '../routing/run-first.ts'
import { profileOf } from '../routing/text-profile.ts'
import type { AnswerFeatures } from './answer-features.ts'
import { noCascade } from './cascade-settings.ts'
import type { CascadeSettings } from './cascade-settings.ts'
import type { CertifiedPlan, CertifiedSource } from './certified-plan.ts'
import { reasonAfter, reasonBefore, said } from './certified-reasons.ts'
import type { AnswerVerdict } from './held-back.ts'
import { LocalLatency } from './local-latency.ts'

export type CertifiedServiceOptions = {
  readonly alpha: number
  readonly delta: number
  /** What the frontier would cost for a task of this kind. */
  estimateFrontierCost(agent: AgentName, kind: string): NanoUsd
  readonly cascade?: CascadeSettings
  readonly latency?: LocalLatency
  /** Makes a scorer elsewhere; null when that failed. Made here and now when left out. */
  readonly fit?: (labels: readonly CascadeLabel[]) => Promise<CascadeScorer | null>
}

type Service = {
  checkpoint: string | null
  routing: CertifiedRouting<CascadeTask>
  events: CertificateEvent[]
}

/** In serving, a scorer learns from the newest labels only: fitting holds the process up. */
const maxLabels = 2000
const firstFitLabels = 100
const noSignals = new Float32Array()

/** Routes by certificates: each agent's threshold moves only to values that were shown. */
export class CertifiedService {
  readonly #options: CertifiedServiceOptions
  readonly #services = new Map<AgentName, Service>()
  /** By agent and checkpoint: a checkpoint that serves again goes on where its delta stood. */
  readonly #epochsSpent = new Map<string, number>()
  readonly cascade: CascadeSettings
  readonly #latency: LocalLatency

  constructor(options: CertifiedServiceOptions) {
    this.#options = options
    this.cascade = options.cascade ?? noCascade
    this.#latency = options.latency ?? new LocalLatency({ msPerToken: null })
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
      readonly streamed?: boolean
    },
    checks: { readonly advised: number; readonly canShadow: boolean },
  ): CertifiedPlan {
    const service = this.#serviceOf(agent)
    const features: CascadeTask = {
      request: profileOf(readableText(task.messages)),
      answer: null,
      signals: noSignals,
      leastStay: this.#leastStay(agent, task.kind, task.streamed === true),
      form: task.streamed === true ? 'beginning' : 'whole',
    }
    const decision = service.routing.decide(features)
    const isLocal = decision.route === 'local' && task.localReady
    const auditProbability = Math.max(decision.auditProbability, checks.advised)
    const shadowProbability = checks.canShadow && task.localReady ? 1 : 0
    const frontierCost = this.#options.estimateFrontierCost(agent, task.kind)
    const scorer = scorerInForce(service)
    return {
      task: features,
      decision,
      kind: task.kind,
      isJudged: isLocal && scorer?.judges(features) === true,
      route: isLocal ? 'local' : 'frontier',
      reason: task.localReady
        ? reasonBefore({ ...this.#options, scorer, task: features, decision, frontierCost })
        : 'Frontier: the local model reads and writes plain text only.',
      complexity: probability(decision.threshold === null ? undefined : decision.score, 1),
      threshold: probability(decision.threshold ?? undefined, 0),
      auditProbability,
      shadowProbability,
      floor: leastLabelProbability({ ...decision, auditProbability, shadowProbability }),
    }
  }

  /** May the local answer leave? To be asked before any of it has. */
  judge(agent: AgentName, plan: CertifiedPlan, features: AnswerFeatures): AnswerVerdict {
    const service = this.#serviceOf(agent)
    const task = { ...plan.task, ...features }
    const decision = service.routing.decideAfter(plan.decision, task)
    const frontierCost = this.#options.estimateFrontierCost(agent, plan.kind)
    const scorer = scorerInForce(service)
    return {
      leaves: decision.route === 'local',
      reason: reasonAfter({ ...this.#options, scorer, task, decision, frontierCost }),
      complexity: probability(decision.score, 1),
      features,
    }
  }

  /** How long such a local answer took: it tells what the next is expected to take. */
  observeLatency(
    agent: AgentName,
    kind: string,
    call: { readonly latencyMs: number; readonly tokens: number },
  ): void {
    this.#latency.observe(agent, kind, call)
  }

  /** To be recorded with the comparison before it is learnt. */
  marksFor(agent: AgentName, plan: CertifiedPlan): readonly CertificateMark[] {
    if (plan.floor === 0) return []
    return this.#serviceOf(agent).routing.marksFor(plan.task, plan.floor)
  }

  /** A handover shows both answers for sure; an audit and a shadow run with their probability. */
  learn(
    agent: AgentName,
    plan: CertifiedPlan,
    label: { readonly goodEnough: boolean; readonly source: CertifiedSource },
  ): void {
    if (plan.floor === 0) return
    const probabilities = {
      audit: plan.auditProbability,
      shadow: plan.shadowProbability,
      handover: 1,
    }
    this.#serviceOf(agent).routing.record({
      task: plan.task,
      probability: probabilities[label.source],
      floor: plan.floor,
      servedLocally: label.source === 'audit',
      frontierRight: true,
      localRight: label.goodEnough,
    })
  }

  /** Resolves when no scorer of the agent is being made. */
  fitted(agent: AgentName): Promise<void> {
    return this.#serviceOf(agent).routing.fitted()
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
      heldOut.map(({ messages, goodEnough }): RoutingLabel<CascadeTask> => ({
        task: {
          request: profileOf(readableText(messages)),
          answer: null,
          signals: noSignals,
          leastStay: null,
          form: 'whole',
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
    const { certificate, scorer } = this.#serviceOf(agent).routing
    if (scorer === null || certificate === null) return 0
    return probability(certifiedThreshold(certificate) ?? undefined, 0)
  }

  #leastStay(agent: AgentName, kind: string, streamed: boolean): number | null {
    const { maxAddedLatencyMs, streamPrefixTokens, agreementSamples } = this.cascade
    if (maxAddedLatencyMs === 0) return null
    const expectedMs = this.#latency.expectedMs(agent, kind, streamed ? streamPrefixTokens : null)
    const costOf = (one: string): number => this.#options.estimateFrontierCost(agent, one)
    return leastStayChance({
      localLatencyMs: expectedMs * (streamed ? 1 : 1 + agreementSamples),
      maxAddedLatencyMs,
      relativeCost: costOf(kind) / costOf(''),
    })
  }

  #newService(agent: AgentName, checkpoint: string | null): Service {
    const events: CertificateEvent[] = []
    return {
      checkpoint,
      events,
      routing: new CertifiedRouting<CascadeTask>({
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
          const past = labels.map(({ task, frontierRight, localRight }): CascadeLabel => ({
            ...task,
            loss: frontierRight && !localRight,
          }))
          const { fit } = this.#options
          if (fit === undefined) return fittedFrom(CascadeScorer.fit(past, answerSignalNames))
          return fit(past).then((scorer) => (scorer === null ? null : fittedFrom(scorer)))
        },
      }),
    }
  }

  #serviceOf(agent: AgentName): Service {
    const service = this.#services.get(agent)
    if (service === undefined) throw new RangeError(`No such agent: ${agent}`)
    return service
  }
}

function fittedFrom(scorer: CascadeScorer) {
  return { scorer, past: scorer.past }
}

function scorerInForce({ routing }: Service): CascadeScorer | null {
  return routing.scorer instanceof CascadeScorer ? routing.scorer : null
}

/** A number in [0, 1], or `otherwise` where there is none. */
function probability(value: number | undefined, otherwise: number): number {
  if (value === undefined || Number.isNaN(value)) return otherwise
  return Math.max(0, Math.min(1, value))
}

function keyOf(agent: AgentName, checkpoint: string | null): string {
  return `${agent}:${checkpoint ?? 'base'}`
}
