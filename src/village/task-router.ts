import type { AgentManager } from '../agents/agent-manager.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import { lastUserText } from '../kernel/chat.ts'
import type { ChatMessage, ChatRequest } from '../kernel/chat.ts'
import type { Clock } from '../kernel/clock.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import { isGoodEnough } from '../kernel/comparison.ts'
import type { Comparison } from '../kernel/comparison.ts'
import { InvalidRequestError } from '../kernel/errors.ts'
import type { Ids } from '../kernel/ids.ts'
import type { JsonValue } from '../kernel/json.ts'
import type { LocalModels, ModelAdapter } from '../kernel/model-adapter.ts'
import type { Random } from '../kernel/random.ts'
import type { Task } from '../kernel/task.ts'
import type { ThresholdChange } from '../kernel/training.ts'
import { studentMessages } from '../kernel/response-format.ts'
import { fingerprintOf } from '../learning/held-out.ts'
import type { HeldOutLabel } from '../learning/learning-cycle.ts'
import { auditProbability, shadowProbability } from '../routing/check-probabilities.ts'
import { ComplexityEvaluator } from '../routing/complexity-evaluator.ts'
import type { ComplexityEvaluatorSnapshot } from '../routing/complexity-evaluator.ts'
import type { ComplexityEstimate, RoutingPolicy } from '../routing/complexity-estimate.ts'
import { decideRoute, mayAnswerInOutage } from '../routing/decide-route.ts'
import { featuresOf } from '../routing/features.ts'
import type { TaskFeatures } from '../routing/features.ts'
import { isSure } from '../routing/sureness.ts'
import type { TaskKindsSnapshot } from '../routing/task-kinds.ts'
import type { Thresholds } from '../routing/thresholds.ts'
import type { ThresholdsSnapshot } from '../routing/thresholds.ts'
import { beyondLocal } from './beyond-local.ts'
import { withCertified } from './certified-plan.ts'
import type { CertifiedPlan } from './certified-plan.ts'
import type { CertifiedService } from './certified-service.ts'
import { CertifiedTasks } from './certified-tasks.ts'
import { FormedKinds } from './formed-kinds.ts'
import type { AnswerWatch } from './held-back.ts'
import type { LearningAdvice } from './learning-advice.ts'
import type { Plan } from './plan.ts'
import { agentModelName } from './resolve-model.ts'
import type { LocalRun, SureAnswers } from './sure-answers.ts'
import type { AnswerInput } from './village-service.ts'

export type TaskRouterParts = {
  readonly agents: AgentManager
  readonly local: LocalModels
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly policy: RoutingPolicy
  readonly thresholds: Thresholds
  readonly sureAnswers: SureAnswers
  /** Present when the operator chose the policy `certified`: it then decides. */
  readonly certified?: CertifiedService
  /** Runs the tests of tasks on local answers that are judged. */
  readonly codeRunner: CodeRunner
  /** What the learning side says of an agent: canary audits, teacher, checkpoint. */
  learningAdvice(task: Task): LearningAdvice
}

export type PlannedTask = {
  readonly task: Task
  readonly plan: Plan
  readonly features: TaskFeatures
  readonly firstFormula: number
  readonly streamed: boolean
  readonly certified: CertifiedPlan | null
  /** What an answer that the local model is not sure of is worth; null where none is held back. */
  readonly unsure: ComplexityEstimate | null
  /** The local answer, once there is one. */
  readonly localRun?: LocalRun
}

type Snapshot = {
  readonly version: 1
  readonly kinds: TaskKindsSnapshot
  readonly evaluator: ComplexityEvaluatorSnapshot
  readonly thresholds: ThresholdsSnapshot
}

/** From a request to an agent and a plan, and back from comparisons to better estimates. */
export class TaskRouter {
  readonly #parts: TaskRouterParts
  readonly #kinds = new FormedKinds()
  readonly #evaluator = new ComplexityEvaluator()
  #labelsSinceStart = 0
  /** Null where the operator chose another policy. */
  readonly certificates: CertifiedTasks | null

  constructor(parts: TaskRouterParts) {
    this.#parts = parts
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
    const { request, streamed } = input
    const agent = agents.agentFor(agentModelName(input.requestedModel), request.messages)
    if (agent === undefined) {
      throw new InvalidRequestError(`"${input.requestedModel}" is no agent of the village`, {
        param: 'model',
      })
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
      requestedModel: input.requestedModel,
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
    const estimate: ComplexityEstimate =
      policy === 'first-formula'
        ? { ...look.estimate, complexity: firstFormula, policy }
        : look.estimate
    const threshold =
      policy === 'first-formula'
        ? agent.settings.firstFormulaThreshold
        : thresholds.value(agent.name)
    const advice = this.#parts.learningAdvice(task)
    const [auditCoin, shadowCoin] = [random(), random()]
    const beyond = beyondLocal(request, local.forAgent(agent.name))
    const route = decideRoute({
      estimate,
      threshold,
      policy,
      localReady: beyond === null,
      auditCoin,
      auditProbability: Math.max(advice.auditProbability, auditProbability(estimate.evidence)),
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
      auditProbability: route.auditProbability,
      audit: route.audited,
      shadowProbability: shadow,
      shadow: beyond === null && shadowCoin < shadow,
      askTeacher: beyond === null && advice.askTeacher,
      localInOutage:
        beyond === null && mayAnswerInOutage(estimate, agent.settings.performanceThreshold),
    }
    const certified =
      this.certificates?.plan(task, advice, {
        localReady: beyond === null,
        streamed: input.streamed,
      }) ?? null
    const chosen = withCertified(plan, certified, { auditCoin, shadowCoin })
    const isJudged = policy === 'learned' && look.sureShare !== null
    const unsure = isJudged ? split.unsure : null
    return { task, plan: chosen, features, firstFormula, streamed, certified, unsure }
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

  /** Another checkpoint serves now: its held-out results are the first evidence. */
  restart(
    agent: AgentName,
    labels: readonly HeldOutLabel[],
    checkpoint: string | null = null,
  ): readonly ThresholdChange[] {
    this.#parts.certified?.restart(agent, checkpoint, labels)
    const named = this.#parts.agents.agent(agent)
    const scored = this.#evaluator.restart(
      agent,
      labels.map((label) => {
        const features = featuresOf(label.messages)
        return {
          features,
          kind: this.#kinds.nearestName(agent, features, label.kind),
          firstFormula: named.firstFormulaComplexity(lastUserText(label.messages)),
          goodEnough: label.goodEnough,
          sure: isSure(label.leastLogProbability),
          weight: 1,
        }
      }),
    )
    const now = this.#parts.clock.now()
    const change = this.#parts.thresholds.restart(agent, scored, now)
    return this.#parts.certified?.takeChanges(agent, now) ?? [change]
  }

  thresholds(): Readonly<Record<AgentName, number>> {
    const { certified } = this.#parts
    const value = (agent: AgentName): number => {
      if (certified !== undefined) return certified.threshold(agent)
      return this.#parts.policy === 'first-formula'
        ? this.#parts.agents.agent(agent).settings.firstFormulaThreshold
        : this.#parts.thresholds.value(agent)
    }
    return { king: value('king'), sage: value('sage'), magi: value('magi') }
  }

  /** How the agent's tasks are judged now: by the first formula until there are labels. */
  policy(agent: AgentName): string {
    const { certified } = this.#parts
    if (certified !== undefined) {
      return certified.threshold(agent) > 0 ? 'certified' : 'earning a certificate'
    }
    if (this.#parts.policy === 'first-formula') return 'first-formula'
    return this.#parts.thresholds.value(agent) > 0 ? 'learned' : 'gathering evidence'
  }

  /** Labels learnt since the start: when this grew enough, a snapshot is worth saving. */
  get labels(): number {
    return this.#labelsSinceStart
  }

  snapshot(): JsonValue {
    const snapshot: Snapshot = {
      version: 1,
      kinds: this.#kinds.snapshot(),
      evaluator: this.#evaluator.snapshot(),
      thresholds: this.#parts.thresholds.snapshot(),
    }
    return snapshot
  }

  /** False when the snapshot is of another version; the village then starts with no evidence. */
  restore(value: JsonValue): boolean {
    const snapshot = value as unknown as Snapshot
    if (snapshot.version !== 1) return false
    return (
      this.#kinds.restore(snapshot.kinds) &&
      this.#evaluator.restore(snapshot.evaluator) &&
      this.#parts.thresholds.restore(snapshot.thresholds)
    )
  }
}
