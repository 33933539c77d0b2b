import type { AgentName } from '../../kernel/agent-name.ts'
import type { ChatRequest } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { CodeRunner } from '../../kernel/code-runner.ts'
import { isGoodEnough } from '../../kernel/comparison.ts'
import type { Comparison } from '../../kernel/comparison.ts'
import type { LocalModels } from '../../kernel/model-adapter.ts'
import { studentMessages } from '../../kernel/response-format.ts'
import type { Task } from '../../kernel/task.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import { answerFeatures } from './answer-features.ts'
import type { AnswerFeatures } from './answer-features.ts'
import { countsAs } from './certified-plan.ts'
import type { CertifiedPlan } from './certified-plan.ts'
import type { CertifiedService } from './certified-service.ts'
import type { AnswerWatch } from './held-back.ts'
import type { LearningAdvice } from './learning-advice.ts'
import type { SeenAnswer } from './seen-answer.ts'
import type { PlannedTask } from './planned-task.ts'

type Parts = {
  readonly service: CertifiedService
  readonly local: Pick<LocalModels, 'forAgent' | 'workload'>
  readonly clock: Clock
  readonly codeRunner: CodeRunner
  composeLocal(task: Task): ChatRequest
}

/** Further samples must be able to differ from the first. */
const sampleTemperature = 0.8

/** What certificates make of tasks: their plan, the judgement of local answers, their labels. */
export class CertifiedTasks {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  plan(
    task: Task,
    advice: LearningAdvice,
    {
      canAudit,
      ...how
    }: { readonly localReady: boolean; readonly streamed: boolean; readonly canAudit: boolean },
  ): CertifiedPlan {
    const { service, local } = this.#parts
    const { waiting, running, sequences } = local.workload()
    const hasRoom = waiting === 0 && running < sequences
    return service.plan(
      task.agent,
      { messages: studentMessages(task.request), kind: task.kind, ...how },
      {
        advised: advice.auditProbability,
        canShadow: hasRoom && advice.hasCheckpoint,
        canAudit,
      },
    )
  }

  /** How the local answer is looked at on its way out; undefined while the cascade is off. */
  watch({ task, certified }: PlannedTask): AnswerWatch | undefined {
    const { service } = this.#parts
    const { maxAddedLatencyMs, streamPrefixTokens: beginningTokens } = service.cascade
    if (certified === null || maxAddedLatencyMs === 0) return undefined
    if (!certified.isJudged) return { beginningTokens, judge: null }
    return {
      beginningTokens,
      judge: async (seen, signal) =>
        service.judge(task.agent, certified, await this.#examine(task, seen, signal)),
    }
  }

  /**
   * The task with what was seen of its local answer, which its label is scored by. `features` are
   * those that it was judged by, if it was: a further sample could say something else.
   */
  async withSeen(
    planned: PlannedTask,
    local: {
      readonly seen: SeenAnswer
      readonly features: AnswerFeatures | null
      readonly latencyMs: number
      readonly tokens: number
    },
    signal: AbortSignal,
  ): Promise<PlannedTask> {
    const { task, certified } = planned
    if (certified === null || this.#parts.service.cascade.maxAddedLatencyMs === 0) return planned
    const features = local.features ?? (await this.#examine(task, local.seen, signal))
    const { latencyMs, tokens } = local
    return {
      ...planned,
      certified: {
        ...certified,
        task: { ...certified.task, ...features },
        localRun: { latencyMs, tokens },
      },
    }
  }

  /** The comparison as it is to be recorded: with the certificates for which it counts. */
  marked({ task, certified }: PlannedTask, comparison: Comparison): Comparison {
    if (certified === null || countsAs(certified, comparison) === null) return comparison
    const certificates = this.#parts.service.marksFor(task.agent, certified)
    return certificates.length === 0 ? comparison : { ...comparison, certificates }
  }

  /**
   * Counts a comparison that was marked, or an audit that failed, and says what came of it: once a
   * scorer that was due is made, so that what is learnt does not depend on how long that takes.
   */
  async certify(
    { task, certified }: PlannedTask,
    comparison: Comparison | null,
  ): Promise<readonly ThresholdChange[]> {
    const { service } = this.#parts
    if (certified === null) return []
    if (certified.localRun !== undefined) {
      service.observeLatency(task.agent, task.kind, certified.localRun)
    }
    const source = comparison === null ? null : countsAs(certified, comparison)
    if (comparison === null) service.learnFailedAudit(task.agent, certified)
    else if (source !== null) {
      service.learn(task.agent, certified, { goodEnough: isGoodEnough(comparison.verdict), source })
    }
    return this.changes(task.agent)
  }

  /** What came of the labels so far, once a scorer that was due is made. */
  async changes(agent: AgentName): Promise<readonly ThresholdChange[]> {
    const { service, clock } = this.#parts
    await service.fitted(agent)
    return service.takeChanges(agent, clock.now())
  }

  async #examine(task: Task, seen: SeenAnswer, signal: AbortSignal): Promise<AnswerFeatures> {
    const { codeRunner } = this.#parts
    const messages = studentMessages(task.request)
    const peers = seen.isWhole ? await this.#samples(task, signal) : []
    return answerFeatures({ messages, verifier: task.verifier ?? null }, seen, {
      codeRunner,
      peers,
    })
  }

  /** A sample that fails is one that says nothing. */
  async #samples(task: Task, signal: AbortSignal): Promise<readonly string[]> {
    const { service, local } = this.#parts
    const { agreementSamples } = service.cascade
    if (agreementSamples === 0) return []
    const request = this.#parts.composeLocal(task)
    const { seed: _, ...asked } = request.sampling
    const sampling = { ...asked, temperature: sampleTemperature }
    const adapter = local.forAgent(task.agent)
    const samples = Array.from({ length: agreementSamples }, () =>
      adapter.answer({ ...request, sampling }, { signal }).then(
        ({ text }) => [text],
        () => [],
      ),
    )
    return (await Promise.all(samples)).flat()
  }
}
