import type { AgentName } from '../../kernel/agent-name.ts'
import { lastUserText, type ChatMessage, type ChatRequest } from '../../kernel/chat.ts'
import { isGoodEnough } from '../../kernel/comparison.ts'
import type { Comparison } from '../../kernel/comparison.ts'
import { InvalidRequestError } from '../../kernel/errors.ts'
import type { JsonValue } from '../../kernel/json.ts'
import type { Target } from '../../kernel/target.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import type { Task } from '../../kernel/task.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import { studentMessages } from '../../kernel/response-format.ts'
import { fingerprintOf } from '../../learning/held-out.ts'
import type { HeldOutLabel } from '../../learning/learning-cycle.ts'
import { auditProbability, shadowProbability } from '../../routing/check-probabilities.ts'
import { ComplexityEvaluator } from '../../routing/complexity-evaluator.ts'
import type { ComplexityEstimate } from '../../routing/complexity-estimate.ts'
import { decideRoute, mayAnswerInOutage } from '../../routing/decide-route.ts'
import { featuresOf } from '../../routing/features.ts'
import { weighEstimate } from '../../routing/weigh-estimate.ts'
import { unjudgedLoss, withAim, type Aim } from './aimed-plan.ts'
import { beyondLocal } from './beyond-local.ts'
import type { CandidateChain } from './candidate-chain.ts'
import { besideChain } from './chain-plan.ts'
import { withCertified } from './certified-plan.ts'
import { CertifiedTasks } from './certified-tasks.ts'
import { FormedKinds } from './formed-kinds.ts'
import type { AnswerWatch } from './held-back.ts'
import type { Plan } from './plan.ts'
import type { FeedbackEvidence } from './feedback-evidence.ts'
import type { PlannedTask } from './planned-task.ts'
import { heldOutLabel, requestLabel } from './request-label.ts'
import { agentModelName } from './resolve-model.ts'
import { retargeted } from './retarget.ts'
import type { RouterSnapshot } from './router-snapshot.ts'
import { routingInForce, type RoutingInForce } from './routing-in-force.ts'
import type { LocalRun } from './sure-answers.ts'
import type { TaskRouterParts } from './task-router-parts.ts'
import type { AnswerInput } from '../village-service.ts'

/** From a request to an agent and a plan, and back from comparisons to better estimates. */
export class TaskRouter {
  readonly #parts: TaskRouterParts
  readonly #evaluator = new ComplexityEvaluator()
  readonly #kinds = new FormedKinds()
  readonly #aims = new Map<AgentName, Aim>()
  #labelsSinceStart = 0
  /** Null where the operator chose another policy. */
  readonly certificates: CertifiedTasks | null
  readonly chain: CandidateChain | null

  constructor(parts: TaskRouterParts) {
    this.#parts = parts
    this.chain = parts.chain ?? null
    const { certified: service, local, clock, codeRunner } = parts
    const composeLocal = (task: Task): ChatRequest => this.composeLocal(task)
    this.certificates =
      service === undefined
        ? null
        : new CertifiedTasks({ service, local, clock, codeRunner, composeLocal })
  }

  /** Throws every coin here and at once, so that plans depend on the order of tasks alone. */
  plan(input: AnswerInput): PlannedTask {
    const { agents, clock, ids, random, policy, thresholds, local, sureAnswers } = this.#parts
    const { request, streamed, requestedModel: name } = input
    const agent = agents.agentFor(agentModelName(name), request.messages)
    if (agent === undefined) {
      throw new InvalidRequestError(`"${name}" is no agent of the village`, { param: 'model' })
    }
    const messages = studentMessages(request)
    const features = featuresOf(messages)
    const firstFormula = agent.firstFormulaComplexity(lastUserText(messages))
    const kind = this.#kinds.assign(agent.name, features, request)
    for (const renamed of kind.merged) this.#evaluator.mergeKinds(agent.name, renamed)
    const task: Task = {
      id: ids.next('task'),
      agent: agent.name,
      kind: kind.name,
      request,
      requestedModel: name,
      ...(input.verifier === undefined ? {} : { verifier: input.verifier }),
      fingerprint: fingerprintOf(agent.name, messages),
      receivedAtMs: clock.now(),
    }
    const split = this.#evaluator.estimate(agent.name, { features, kind: task.kind, firstFormula })
    const look = sureAnswers.look(
      { agent: agent.name, kind: task.kind, streamed },
      split,
      thresholds.value(agent.name),
    )
    const isFirstFormula = policy === 'first-formula'
    const estimate: ComplexityEstimate = isFirstFormula
      ? { ...look.estimate, complexity: firstFormula, policy }
      : look.estimate
    const threshold = isFirstFormula
      ? agent.settings.firstFormulaThreshold
      : thresholds.value(agent.name)
    const advice = this.#parts.learningAdvice(task)
    const [auditCoin, shadowCoin] = [random(), random()]
    const beyond = beyondLocal(request, local.forAgent(agent.name))
    const audited = Math.max(advice.auditProbability, auditProbability(estimate.evidence))
    const route = decideRoute({
      estimate,
      threshold,
      policy,
      localReady: beyond === null,
      auditCoin,
      auditProbability: audited,
      sureShare: look.sureShare,
    })
    const shadow = shadowProbability({
      evidence: look.evidence,
      threshold,
      workload: local.workload(),
      hasCheckpoint: advice.hasCheckpoint,
    })
    const plan: Plan = {
      route: route.route,
      reason: beyond === null ? route.reason : `Frontier: the local model cannot ${beyond.what}.`,
      kind: task.kind,
      complexity: estimate.complexity,
      threshold,
      policy: estimate.policy,
      weighed: beyond === null ? weighEstimate(estimate) : [],
      auditProbability: route.auditProbability,
      audit: route.audited,
      shadowProbability: shadow,
      shadow: beyond === null && shadowCoin < shadow,
      askTeacher: beyond === null && advice.askTeacher,
      localPossible: beyond === null,
      localInOutage:
        beyond === null && mayAnswerInOutage(estimate, agent.settings.performanceThreshold),
    }
    const planned = { task, features, firstFormula, streamed }
    const expectedLoss = unjudgedLoss(split)
    const aim =
      beyond === null
        ? (this.#parts.aim?.({ ...task, expectedLoss, auditProbability: audited }) ?? null)
        : null
    if (aim !== null) {
      this.#aims.set(agent.name, aim)
      const { hasCheckpoint } = advice
      const coins = { tieCoin: random(), auditCoin }
      const known = { expectedLoss, hasCheckpoint, auditProbability: audited, ...coins }
      const aimed = withAim(plan, aim, known)
      return { ...planned, plan: aimed, certified: null, chain: null, unsure: null }
    }
    const canAudit = this.#parts.canAudit?.() ?? true
    const certified =
      this.certificates?.plan(task, advice, {
        localReady: beyond === null,
        streamed,
        canAudit,
      }) ?? null
    const isJudged = policy === 'learned' && look.sureShare !== null
    const unsure = isJudged ? split.unsure : null
    const own = withCertified(plan, certified, { auditCoin, shadowCoin })
    if (certified === null) return { ...planned, plan: own, certified, chain: null, unsure }
    const reaches = certified.route === 'frontier' && beyond === null
    return {
      ...planned,
      ...besideChain(own, certified, {
        chain: reaches
          ? (this.chain?.plan(agent.name, { messages, kind: task.kind }, canAudit) ?? null)
          : null,
        leastReference: this.chain?.leastReference(agent.name) ?? 1,
      }),
      unsure,
    }
  }

  /** Another target for the agent from now on; returns what became of its threshold. */
  retarget(agent: AgentName, target: Target): readonly ThresholdChange[] {
    this.#aims.delete(agent)
    return retargeted(agent, target, this.#parts)
  }

  /** How the local answer to a task is looked at on its way out. */
  watch(planned: PlannedTask): AnswerWatch | undefined {
    if (this.certificates !== null) return this.certificates.watch(planned)
    return this.#parts.sureAnswers.watch(planned.plan, planned.unsure)
  }

  composeFrontier(task: Task, { description }: ModelAdapter): ChatRequest {
    return this.#parts.agents.agent(task.agent).composeFrontierRequest(task.request, description)
  }

  composeLocal(task: Task): ChatRequest {
    return this.#parts.agents.agent(task.agent).composeLocalRequest(task.request)
  }

  /** What the client sent, without the agent's own prompt that the frontier got. */
  clientMessages(agent: AgentName, messages: readonly ChatMessage[]): readonly ChatMessage[] {
    const { systemPrompt } = this.#parts.agents.agent(agent).settings
    const [first, ...rest] = messages
    return first?.role === 'system' && first.content === systemPrompt ? rest : messages
  }

  /** Counts a local answer of the checkpoint now serving, compared or not. */
  noteLocalRun({ task }: PlannedTask, run: LocalRun): void {
    const kind = this.#kinds.currentName(task.agent, task.kind)
    this.#evaluator.noteAnswer(task.agent, kind, run.sure)
    this.#parts.sureAnswers.observe(task.agent, kind, run)
  }

  /** Learns from a comparison of an answer of the checkpoint now serving. */
  learn(planned: PlannedTask, comparison: Comparison): ThresholdChange | null {
    const { task, features, firstFormula, localRun } = planned
    this.#labelsSinceStart += 1
    const scored = this.#evaluator.learn(task.agent, {
      features,
      kind: this.#kinds.currentName(task.agent, task.kind),
      firstFormula,
      goodEnough: isGoodEnough(comparison.verdict),
      sure: localRun?.sure ?? true,
      weight: 1,
    })
    const { policy, certified } = this.#parts
    if (policy === 'first-formula' || certified !== undefined) return null
    return this.#parts.thresholds.record(task.agent, scored, this.#parts.clock.now())
  }

  /** Moves the estimates alone: see `FeedbackEvidence` for why neither threshold nor certificate. */
  learnFeedback({ agent, kind, messages, goodEnough }: FeedbackEvidence): void {
    this.#labelsSinceStart += 1
    const label = { kind: this.#kinds.currentName(agent, kind), messages, goodEnough, sure: true }
    this.#evaluator.learn(agent, requestLabel(label, this.#parts.agents.agent(agent)))
  }

  /** Another checkpoint serves now: its held-out results are the first evidence. */
  restart(
    agent: AgentName,
    labels: readonly HeldOutLabel[],
    checkpoint: string | null = null,
  ): readonly ThresholdChange[] {
    this.#parts.certified?.restart(agent, checkpoint, labels)
    this.chain?.recertify(agent)
    const named = this.#parts.agents.agent(agent)
    const scored = this.#evaluator.restart(
      agent,
      labels.map((label) => heldOutLabel(label, named, this.#kinds)),
    )
    const now = this.#parts.clock.now()
    const change = this.#parts.thresholds.restart(agent, scored, now)
    return this.#parts.certified?.takeChanges(agent, now) ?? [change]
  }

  thresholds(): Readonly<Record<AgentName, number>> {
    const value = (agent: AgentName): number => this.inForce(agent).threshold
    return { king: value('king'), sage: value('sage'), magi: value('magi') }
  }

  /** How the agent's tasks are judged now. */
  policy(agent: AgentName): string {
    return this.inForce(agent).policy
  }

  /** Labels learnt since the start: when this grew enough, a snapshot is worth saving. */
  get labels(): number {
    return this.#labelsSinceStart
  }

  snapshot(): JsonValue {
    const snapshot: RouterSnapshot = {
      version: 1,
      kinds: this.#kinds.snapshot(),
      evaluator: this.#evaluator.snapshot(),
      thresholds: this.#parts.thresholds.snapshot(),
    }
    return snapshot
  }

  /** False when the snapshot is of another version; the village then starts with no evidence. */
  restore(value: JsonValue): boolean {
    const snapshot = value as unknown as RouterSnapshot
    if (snapshot.version !== 1) return false
    return (
      this.#kinds.restore(snapshot.kinds) &&
      this.#evaluator.restore(snapshot.evaluator) &&
      this.#parts.thresholds.restore(snapshot.thresholds)
    )
  }

  inForce(agent: AgentName): RoutingInForce {
    const { agents, certified, policy, thresholds } = this.#parts
    return routingInForce(agent, {
      aim: this.#aims.get(agent),
      certified,
      policy,
      firstFormulaThreshold: agents.agent(agent).settings.firstFormulaThreshold,
      learnedThreshold: thresholds.value(agent),
    })
  }
}
