import type { ApiKey } from '../kernel/api-key.ts'
import type { Feedback } from '../kernel/comparison.ts'
import type { Decision } from '../kernel/decision.ts'
import { InvalidRequestError, NotReadyError } from '../kernel/errors.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { AIVillageParts } from './ai-village-parts.ts'
import { answerTask, streamTask } from './answering/answer-task.ts'
import type { AnsweredWithRecords, AnswerPorts, PreparedTask } from './answering/answer-task.ts'
import { chooseCandidates } from './answering/choose-candidates.ts'
import { embedTexts } from './answering/embed-texts.ts'
import { findKey } from './access/key-ring.ts'
import { findModel, listModels } from './answering/list-models.ts'
import type { EffectSlot } from './ordered-effects.ts'
import type { NamedCandidates } from './answering/named-candidates.ts'
import { receivedFeedback } from './follow-up/received-feedback.ts'
import { resolveModel } from './planning/resolve-model.ts'
import type { RequestedModel } from './planning/resolve-model.ts'
import { reuseAnswer } from './sharing/reused-answer.ts'
import type { Reuse, ReusePorts } from './sharing/reused-answer.ts'
import { requireAllowedModels } from './answering/allowed-models.ts'
import { fundTask, type FundedTask } from './answering/fund-task.ts'
import type { PlannedTask } from './planning/planned-task.ts'
import { withNothingBeside } from './planning/plan.ts'
import type {
  AnsweredTask,
  AnswerEvent,
  AnswerInput,
  AnswerOptions,
  EmbedInput,
  EmbeddedTexts,
  FeedbackInput,
  Generation,
  VillageModel,
  VillageService,
} from './village-service.ts'

type Planned = { readonly planned: PlannedTask; readonly slot: EffectSlot }

/** Takes tasks, lets the right agent answer with the right model, and sees to what follows. */
export class AIVillage implements VillageService {
  readonly #parts: AIVillageParts
  readonly #ports: AnswerPorts
  readonly #reusePorts: ReusePorts
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
      charge: (interaction) => this.#charge(interaction),
      onCommitted: (records) => this.#account(records),
    }
    this.#reusePorts = {
      ...this.#ports,
      onCommitted: (decision, taskText) => {
        parts.accounting.addDecision(decision, parts.router.thresholds())
        parts.followUps.noteReuse(decision, taskText)
      },
    }
  }

  async answer(input: AnswerInput, options: AnswerOptions): Promise<AnsweredTask> {
    const requested = this.#accept(input, options)
    let planned: Planned | null = null
    let funded: FundedTask | null = null
    this.#running += 1
    try {
      planned = this.#plan(requested, input, options)
      const ready = this.#makeReady(input, planned, options)
      funded = ready instanceof Promise ? await ready : ready
      const answered = await answerTask(funded.prepared, this.#ports, options.signal)
      this.#followUp(planned, answered)
      return answered
    } catch (error) {
      planned?.slot.settle(() => undefined)
      throw error
    } finally {
      funded?.reservation?.release()
      this.#done()
    }
  }

  async *stream(input: AnswerInput, options: AnswerOptions): AsyncGenerator<AnswerEvent> {
    const requested = this.#accept(input, options)
    let planned: Planned | null = null
    let funded: FundedTask | null = null
    let followed = false
    this.#running += 1
    try {
      planned = this.#plan(requested, input, options)
      const ready = this.#makeReady(input, planned, options)
      funded = ready instanceof Promise ? await ready : ready
      const answered = yield* streamTask(funded.prepared, this.#ports, options.signal)
      funded.reservation?.release()
      this.#followUp(planned, answered)
      followed = true
      yield { type: 'answered', answered }
    } finally {
      funded?.reservation?.release()
      if (!followed) planned?.slot.settle(() => undefined)
      this.#done()
    }
  }

  /** Throws when this task is not taken, which is also so for one that a kept answer would do for. */
  requireAcceptable(input: AnswerInput, options: AnswerOptions): void {
    this.#accept(input, options)
  }

  /** Gives an answer again under a decision of its own; no model is called. */
  async reuse(input: AnswerInput, reuse: Reuse): Promise<AnsweredTask> {
    this.#running += 1
    try {
      return await reuseAnswer(input, reuse, this.#reusePorts)
    } finally {
      this.#done()
    }
  }

  async embed(input: EmbedInput, options: AnswerOptions): Promise<EmbeddedTexts> {
    this.#refuseWhenDraining()
    const { embeddings: models, spending } = this.#parts
    this.#running += 1
    try {
      return await embedTexts(input, { ...this.#ports, models, spending }, options)
    } finally {
      this.#done()
    }
  }

  models(signal: AbortSignal): Promise<readonly VillageModel[]> {
    return listModels(this.#parts, signal)
  }

  model(id: string, signal: AbortSignal): Promise<VillageModel> {
    return findModel(id, this.#parts, signal)
  }

  async generation(decisionId: string): Promise<Generation | null> {
    const { ledger } = this.#parts.store
    const decision = await ledger.get('decision', decisionId)
    const interaction = decision && (await ledger.get('interaction', decision.interactionId))
    return decision && interaction && { decision, interaction }
  }

  async recordFeedback(input: FeedbackInput): Promise<Feedback> {
    const decision = await this.#parts.store.ledger.get('decision', input.decisionId)
    if (decision === null) {
      throw new InvalidRequestError(
        `There is no decision "${input.decisionId}". Send the village.decision_id of an answer.`,
        { code: 'unknown_decision', param: 'decision_id' },
      )
    }
    const feedback = receivedFeedback(input, decision, this.#parts)
    await this.#parts.followUps.recordFeedback(feedback, decision)
    return feedback
  }

  authenticate(key: string): Promise<ApiKey | null> {
    return findKey(this.#parts.store.keys, key, this.#parts.clock.now())
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

  #accept(input: AnswerInput, { caller }: AnswerOptions): RequestedModel {
    this.#refuseWhenDraining()
    if (caller !== undefined) requireAllowedModels(caller, input)
    return resolveModel(input.requestedModel)
  }

  #refuseWhenDraining(): void {
    if (!this.#draining) return
    throw new NotReadyError('The village is stopping; send the task again soon.')
  }

  /** Decides at once and without waiting, so that decisions follow the order of arrival. */
  #plan(requested: RequestedModel, input: AnswerInput, options: AnswerOptions): Planned | null {
    if (requested.type === 'frontier' || requested.type === 'local') return null
    const planned = this.#parts.router.plan(input)
    const isOwn = options.ownPurpose === 'cache-audit'
    const plan = isOwn ? withNothingBeside(planned.plan) : planned.plan
    return { planned: { ...planned, plan }, slot: this.#parts.followUps.reserve() }
  }

  /** With its candidates and its money; a promise only where something must be waited for. */
  #makeReady(
    input: AnswerInput,
    accepted: Planned | null,
    options: AnswerOptions,
  ): FundedTask | Promise<FundedTask> {
    const fund = (chosen: NamedCandidates): FundedTask | Promise<FundedTask> =>
      fundTask(this.#prepare(input, accepted, options, chosen), {
        spending: this.#parts.spending,
        ...options,
      })
    const choice = chooseCandidates(input, accepted?.planned ?? null, this.#parts, options.signal)
    return choice instanceof Promise ? choice.then(fund) : fund(choice)
  }

  #prepare(
    input: AnswerInput,
    accepted: Planned | null,
    { caller, ownPurpose }: AnswerOptions,
    { candidates, skipped }: NamedCandidates,
  ): PreparedTask {
    const planned = accepted?.planned ?? null
    return {
      taskId: planned?.task.id ?? this.#parts.ids.next('task'),
      requestedModel: input.requestedModel,
      streamed: input.streamed,
      agent: planned?.task.agent ?? null,
      plan: planned?.plan ?? null,
      task: planned?.task ?? null,
      keyId: caller?.id ?? null,
      decisionId: input.decisionId,
      ownPurpose,
      candidates,
      skipped,
    }
  }

  #followUp(planned: Planned | null, answered: AnsweredWithRecords): void {
    if (planned === null) return
    // Nobody got this answer, so nothing is to be checked about it or learnt from it.
    if (answered.decision.ownPurpose === 'cache-audit') planned.slot.settle(() => undefined)
    else this.#parts.followUps.start({ ...planned, answered })
  }

  #charge({ keyId, usage, startedAtMs }: Interaction): void {
    this.#parts.spending.charge(keyId ?? null, usage.cost, startedAtMs)
    if (keyId === undefined) return
    const tokens = usage.promptTokens + usage.completionTokens
    this.#parts.limits.useTokens(keyId, this.#parts.clock.now(), tokens)
  }

  #account(records: {
    readonly decision: Decision | null
    readonly interactions: readonly Interaction[]
  }): void {
    const { accounting, costs, router, followUps } = this.#parts
    for (const interaction of records.interactions) accounting.addInteraction(interaction)
    const { decision } = records
    if (decision === null || decision.ownPurpose !== undefined) return
    accounting.addDecision(decision, router.thresholds())
    const cancelled = records.interactions.some((interaction) => interaction.cancelled === true)
    const isOwn = decision.route === 'frontier' && decision.candidate === undefined
    if (decision.agent !== null && isOwn && !cancelled) {
      costs.observe(decision.agent, decision.kind, decision.cost)
    }
    followUps.noteDecision(decision, records.interactions)
  }
}
