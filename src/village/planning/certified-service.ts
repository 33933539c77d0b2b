import { agentNames } from '../../kernel/agent-name.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import type { CertificateEvent, CertificateMark } from '../../kernel/certificate.ts'
import type { ChatMessage } from '../../kernel/chat.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { QualityTarget } from '../../kernel/target.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import { leastLabelProbability } from '../../routing/audit-rate.ts'
import { CascadeScorer, type CascadeTask } from '../../routing/cascade-scorer.ts'
import { CertifiedRouting } from '../../routing/certified-routing.ts'
import { readableText } from '../../routing/features.ts'
import { leastStayChance } from '../../routing/run-first.ts'
import { profileOf } from '../../routing/text-profile.ts'
import type { AnswerFeatures } from './answer-features.ts'
import { certificateView, type CertificateView } from './certificate-view.ts'
import { fitScorer } from './fit-scorer.ts'
import { labelsBefore, noSignals } from './label-before.ts'
import type { HeldOutResult } from './label-before.ts'
import type { FitElsewhere } from './fit-scorer.ts'
import { noCascade } from './cascade-settings.ts'
import type { CascadeSettings } from './cascade-settings.ts'
import { probabilityOf } from './certified-plan.ts'
import type { CertifiedPlan, CertifiedSource, PossibleChecks } from './certified-plan.ts'
import { reasonAfter, reasonBefore, said, weighedMost } from './certified-reasons.ts'
import type { AnswerVerdict } from './held-back.ts'
import { LocalLatency } from './local-latency.ts'
import { probability } from './probability.ts'

export type CertifiedServiceOptions = {
  readonly alpha: number
  readonly delta: number
  /** What the frontier would cost for a task of this kind. */
  estimateFrontierCost(agent: AgentName, kind: string): NanoUsd
  readonly cascade?: CascadeSettings
  readonly latency?: LocalLatency
  /** Makes a scorer elsewhere; null when that failed. Made here and now when left out. */
  readonly fit?: FitElsewhere
}

type Service = {
  checkpoint: string | null
  routing: CertifiedRouting<CascadeTask>
  events: CertificateEvent[]
}

/** In serving, a scorer learns from the newest labels only: fitting holds the process up. */
const maxLabels = 2000
const firstFitLabels = 100
const growthPerFit = 2

/** Routes by certificates: each agent's threshold moves only to values that were shown. */
export class CertifiedService {
  readonly #options: CertifiedServiceOptions
  readonly #services = new Map<AgentName, Service>()
  /** By agent and checkpoint: a checkpoint that serves again goes on where its delta stood. */
  readonly #epochsSpent = new Map<string, number>()
  readonly cascade: CascadeSettings
  readonly #latency: LocalLatency
  readonly #targets = new Map<AgentName, QualityTarget>()

  constructor(options: CertifiedServiceOptions) {
    this.#options = options
    this.cascade = options.cascade ?? noCascade
    this.#latency = options.latency ?? new LocalLatency({ msPerToken: null })
    for (const agent of agentNames) this.#services.set(agent, this.#newService(agent, null))
  }

  /** Another bound for the agent from now on; what happens to its certificates says `takeChanges`. */
  retarget(agent: AgentName, target: QualityTarget): void {
    this.#targets.set(agent, target)
    this.#serviceOf(agent).routing.retarget(target)
  }

  /** Other tasks than before reach the model: its certificates are earned anew. */
  recertify(agent: AgentName): void {
    this.#serviceOf(agent).routing.recertify()
  }

  /**
   * Decides for one task; what can be checked now must not depend on the task's content.
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
    checks: PossibleChecks,
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
    const shadowProbability =
      checks.canShadow && task.localReady ? (checks.shadowProbability ?? 1) : 0
    const scorer = scorerInForce(service)
    const { alpha, delta } = this.#boundOf(agent)
    return {
      task: features,
      decision,
      weighed: weighedMost(scorer, features),
      certificate: decision.threshold === null ? null : { epoch: decision.epoch, alpha, delta },
      isJudged: isLocal && scorer?.judges(features) === true,
      route: isLocal ? 'local' : 'frontier',
      reason: task.localReady
        ? reasonBefore({ alpha, delta, scorer, task: features, decision })
        : 'Frontier: the local model reads and writes plain text only.',
      complexity: probability(decision.threshold === null ? undefined : decision.score, 1),
      threshold: probability(decision.threshold ?? undefined, 0),
      auditProbability,
      shadowProbability,
      floor: leastLabelProbability({
        ...decision,
        auditProbability: checks.canAudit === false ? 0 : auditProbability,
        shadowProbability,
      }),
    }
  }

  /** May the local answer leave? To be asked before any of it has. */
  judge(agent: AgentName, plan: CertifiedPlan, features: AnswerFeatures): AnswerVerdict {
    const service = this.#serviceOf(agent)
    const task = { ...plan.task, ...features }
    const decision = service.routing.decideAfter(plan.decision, task)
    const scorer = scorerInForce(service)
    return {
      leaves: decision.route === 'local',
      reason: reasonAfter({ ...this.#boundOf(agent), scorer, task, decision }),
      weighed: weighedMost(scorer, task),
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

  learn(
    agent: AgentName,
    plan: CertifiedPlan,
    label: { readonly goodEnough: boolean; readonly source: CertifiedSource },
  ): void {
    if (plan.floor === 0) return
    this.#serviceOf(agent).routing.record({
      task: plan.task,
      probability: probabilityOf(plan, label.source),
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

  /** A comparison that was to be made and could not be: it failed, or there was no money for it. */
  learnFailedAudit(agent: AgentName, plan: CertifiedPlan, source: CertifiedSource = 'audit'): void {
    if (plan.floor === 0) return
    const service = this.#serviceOf(agent)
    const marks = service.routing.marksFor(plan.task, plan.floor)
    const planned = probabilityOf(plan, source)
    service.routing.recordFailedAudit(plan.task, planned, plan.floor)
    if (marks.length === 0) return
    const { checkpoint } = service
    service.events.push({ type: 'failed-audit', checkpoint, marks, probability: planned })
  }

  /** Another checkpoint serves: its held-out results teach the first scorer, and certify nothing. */
  restart(agent: AgentName, checkpoint: string | null, heldOut: readonly HeldOutResult[]): void {
    const service = this.#newService(agent, checkpoint)
    this.#services.set(agent, service)
    for (const { kind, answer } of heldOut) {
      if (answer !== undefined && answer !== null) this.observeLatency(agent, kind, answer)
    }
    // Further samples were not asked for at the gate: with them, its answers would look like others.
    const isJudged = this.cascade.agreementSamples === 0
    const leastStay = (kind: string) => this.#leastStay(agent, kind, false)
    service.routing.learnBefore(labelsBefore(heldOut, { isJudged, leastStay }))
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

  /** What is in force, or else what is being earned; null before there is a scorer. */
  certificate(agent: AgentName): CertificateView | null {
    return certificateView(this.#serviceOf(agent).routing)
  }

  threshold(agent: AgentName): number {
    return this.certificate(agent)?.threshold ?? 0
  }

  #targetOf(agent: AgentName): QualityTarget {
    const { alpha, delta } = this.#targets.get(agent) ?? this.#options
    return { alpha, delta }
  }

  /** What is shown of answers that are served now, or else is to be shown. */
  #boundOf(agent: AgentName): QualityTarget {
    const { certificate } = this.#serviceOf(agent).routing
    return certificate?.terms ?? this.#targetOf(agent)
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
        ...this.#targetOf(agent),
        firstFitLabels,
        growthPerFit,
        maxLabels,
        epochsSpent: this.#epochsSpent.get(keyOf(agent, checkpoint)) ?? 0,
        onEvent: (event) => {
          events.push(event)
          if (event.type !== 'opened') return
          this.#epochsSpent.set(keyOf(agent, checkpoint), event.terms.epoch)
        },
        fit: (labels) => fitScorer(labels, this.#options.fit),
      }),
    }
  }

  #serviceOf(agent: AgentName): Service {
    const service = this.#services.get(agent)
    if (service === undefined) throw new RangeError(`No such agent: ${agent}`)
    return service
  }
}

function scorerInForce({ routing }: Service): CascadeScorer | null {
  return routing.scorer instanceof CascadeScorer ? routing.scorer : null
}

function keyOf(agent: AgentName, checkpoint: string | null): string {
  return `${agent}:${checkpoint ?? 'base'}`
}
