import type { AgentName } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Feedback } from '../kernel/comparison.ts'
import type { Decision } from '../kernel/decision.ts'
import { InvalidRequestError, NotReadyError } from '../kernel/errors.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { LocalModels, ModelAdapter, ModelCatalogue } from '../kernel/model-adapter.ts'
import type { ApiKey, VillageStore } from '../kernel/stores.ts'
import type { Accounting } from './accounting.ts'
import { answerTask, streamTask } from './answer-task.ts'
import type { AnsweredWithRecords, AnswerPorts, PreparedTask } from './answer-task.ts'
import type { FollowUps } from './follow-ups.ts'
import type { FrontierCostEstimate } from './frontier-cost-estimate.ts'
import { findKey } from './key-ring.ts'
import type { EffectSlot } from './ordered-effects.ts'
import { localModelNames, resolveModel, villageModelNames } from './resolve-model.ts'
import type { RequestedModel } from './resolve-model.ts'
import type { Candidate } from './serve-with-fallback.ts'
import type { PlannedTask, TaskRouter } from './task-router.ts'
import type {
  AnsweredTask,
  AnswerEvent,
  AnswerInput,
  FeedbackInput,
  VillageModel,
  VillageService,
} from './village-service.ts'

export type AIVillageParts = {
  readonly store: VillageStore
  readonly catalogue: ModelCatalogue
  readonly local: LocalModels
  readonly router: TaskRouter
  readonly followUps: FollowUps
  readonly accounting: Accounting
  readonly costs: FrontierCostEstimate
  readonly clock: Clock
  readonly ids: Ids
  readonly frontierModels: Readonly<Record<AgentName, string>>
  readonly simulated: boolean
  readonly datasetOf: (checkpoint: string | null) => string | null
}

type Planned = { readonly planned: PlannedTask; readonly slot: EffectSlot }

/** Takes tasks, lets the right agent answer with the right model, and sees to what follows. */
export class AIVillage implements VillageService {
  readonly #parts: AIVillageParts
  readonly #ports: AnswerPorts
  #draining = false
  #running = 0
  #onLastDone: (() => void) | null = null

  constructor(parts: AIVillageParts) {
    this.#parts = parts
    this.#ports = {
      ledger: parts.store.ledger,
      clock: parts.clock,
      ids: parts.ids,
      simulated: parts.simulated,
      estimateFrontierCost: (agent, kind) => parts.costs.estimate(agent, kind),
      datasetOf: parts.datasetOf,
      onCommitted: (records) => this.#account(records),
    }
  }

  async answer(
    input: AnswerInput,
    options: { readonly signal: AbortSignal },
  ): Promise<AnsweredTask> {
    const requested = this.#accept(input)
    let planned: Planned | null = null
    this.#running += 1
    try {
      planned = this.#plan(requested, input)
      const prepared = await this.#prepare(requested, input, planned, options.signal)
      const answered = await answerTask(prepared, this.#ports, options.signal)
      this.#followUp(planned, answered)
      return answered
    } catch (error) {
      planned?.slot.settle(() => undefined)
      throw error
    } finally {
      this.#done()
    }
  }

  async *stream(
    input: AnswerInput,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<AnswerEvent> {
    const requested = this.#accept(input)
    let planned: Planned | null = null
    let followed = false
    this.#running += 1
    try {
      planned = this.#plan(requested, input)
      const prepared = await this.#prepare(requested, input, planned, options.signal)
      const answered = yield* streamTask(prepared, this.#ports, options.signal)
      this.#followUp(planned, answered)
      followed = true
      yield { type: 'answered', answered }
    } finally {
      if (!followed) planned?.slot.settle(() => undefined)
      this.#done()
    }
  }

  async models(signal: AbortSignal): Promise<readonly VillageModel[]> {
    const frontier = await this.#parts.catalogue.list(signal)
    const named = (id: string): VillageModel => ({ id, agent: agentOf(id), description: null })
    const local = localModelNames.map((id) => ({
      id,
      agent: agentOf(id),
      description: this.#parts.local.forAgent(agentOf(id) ?? 'king').description,
    }))
    return [
      ...villageModelNames.map(named),
      ...local,
      ...frontier.map((description) => ({ id: description.id, agent: null, description })),
    ]
  }

  async recordFeedback(input: FeedbackInput): Promise<Feedback> {
    const decision = await this.#parts.store.ledger.get('decision', input.decisionId)
    if (decision === null) {
      throw new InvalidRequestError(
        `There is no decision "${input.decisionId}". Send the village.decision_id of an answer.`,
        { code: 'unknown_decision', param: 'decision_id' },
      )
    }
    const feedback: Feedback = {
      id: this.#parts.ids.next('fb'),
      decisionId: decision.id,
      taskId: decision.taskId,
      rating: input.rating,
      correction: input.correction ?? null,
      comment: input.comment ?? null,
      receivedAtMs: this.#parts.clock.now(),
    }
    await this.#parts.followUps.recordFeedback(feedback, decision)
    return feedback
  }

  authenticate(key: string): Promise<ApiKey | null> {
    return findKey(this.#parts.store.keys, key)
  }

  /** No new tasks from now on; resolves when those under way and what follows them are done. */
  async drain(): Promise<void> {
    this.#draining = true
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onLastDone = resolve))
    await this.#parts.followUps.idle()
  }

  /** Resolves when everything that follows from the tasks answered so far was done. */
  whenIdle(): Promise<void> {
    return this.#parts.followUps.idle()
  }

  #done(): void {
    this.#running -= 1
    if (this.#running === 0) this.#onLastDone?.()
  }

  #accept(input: AnswerInput): RequestedModel {
    if (this.#draining)
      throw new NotReadyError('The village is stopping; send the task again soon.')
    return resolveModel(input.requestedModel)
  }

  /** Decides at once and without waiting, so that decisions follow the order of arrival. */
  #plan(requested: RequestedModel, input: AnswerInput): Planned | null {
    if (requested.type === 'frontier' || requested.type === 'local') return null
    const planned = this.#parts.router.plan(input)
    return { planned, slot: this.#parts.followUps.reserve() }
  }

  async #prepare(
    requested: RequestedModel,
    input: AnswerInput,
    accepted: Planned | null,
    signal: AbortSignal,
  ): Promise<PreparedTask> {
    const planned = accepted?.planned ?? null
    return {
      taskId: planned?.task.id ?? this.#parts.ids.next('task'),
      requestedModel: input.requestedModel,
      streamed: input.streamed,
      agent: planned?.task.agent ?? null,
      plan: planned?.plan ?? null,
      task: planned?.task ?? null,
      candidates: await this.#candidates(requested, input, planned, signal),
    }
  }

  async #candidates(
    requested: RequestedModel,
    input: AnswerInput,
    planned: PlannedTask | null,
    signal: AbortSignal,
  ): Promise<readonly Candidate[]> {
    if (requested.type === 'frontier') {
      const adapter = await this.#parts.catalogue.adapter(requested.slug, signal)
      return [{ route: 'frontier', adapter, request: input.request }]
    }
    if (requested.type === 'local') {
      const adapter = this.#parts.local.forAgent(requested.name)
      return [{ route: 'local', adapter, request: input.request }]
    }
    if (planned === null) throw new TypeError('A task for an agent must have been planned')
    const { task, plan } = planned
    const frontier: Candidate = {
      route: 'frontier',
      adapter: await this.#frontierAdapter(task.agent, signal),
      request: this.#parts.router.composeFrontier(task),
    }
    const local: Candidate = {
      route: 'local',
      adapter: this.#parts.local.forAgent(task.agent),
      request: this.#parts.router.composeLocal(task),
    }
    if (plan.route === 'local') return [local, frontier]
    return plan.localInOutage ? [frontier, local] : [frontier]
  }

  #frontierAdapter(agent: AgentName, signal: AbortSignal): Promise<ModelAdapter> {
    return this.#parts.catalogue.adapter(this.#parts.frontierModels[agent], signal)
  }

  #followUp(planned: Planned | null, answered: AnsweredWithRecords): void {
    if (planned === null) return
    this.#parts.followUps.start({ ...planned, answered })
  }

  #account(records: {
    readonly decision: Decision | null
    readonly interactions: readonly Interaction[]
  }): void {
    const { accounting, costs, router, followUps } = this.#parts
    for (const interaction of records.interactions) accounting.addInteraction(interaction)
    const { decision } = records
    if (decision === null) return
    accounting.addDecision(decision, router.thresholds())
    if (decision.agent !== null && decision.route === 'frontier') {
      costs.observe(decision.agent, decision.kind, decision.cost)
    }
    followUps.noteDecision(decision, records.interactions)
  }
}

function agentOf(modelName: string): AgentName | null {
  const name = modelName.split('/')[1]
  return name === 'king' || name === 'sage' || name === 'magi' ? name : null
}
