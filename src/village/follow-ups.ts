import type { AgentName } from '../kernel/agent-name.ts'
import { lastUserText } from '../kernel/chat.ts'
import type { Clock } from '../kernel/clock.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import { isGoodEnough } from '../kernel/comparison.ts'
import type { Comparison, Feedback } from '../kernel/comparison.ts'
import type { Decision } from '../kernel/decision.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { LocalModels, ModelCatalogue } from '../kernel/model-adapter.ts'
import type { Ledger, LedgerEntry } from '../kernel/stores.ts'
import type { Task } from '../kernel/task.ts'
import type { MeasuredQuality } from '../learning/continuous-learning-layer.ts'
import type { LearningCycle } from '../learning/learning-cycle.ts'
import { wilsonBounds } from '../routing/binomial-bounds.ts'
import { isSure } from '../routing/sureness.ts'
import type { Accounting } from './accounting.ts'
import type { AnsweredWithRecords } from './answer-task.ts'
import type { AuditedShare } from './audited-share.ts'
import { callBeside } from './call-beside.ts'
import { notCounted } from './certified-plan.ts'
import { collectLessons } from './collect-lessons.ts'
import type { ModelCall } from './collect-lessons.ts'
import { compareCalls } from './compare-calls.ts'
import { feedbackEntries } from './feedback-entries.ts'
import { handoverCall, labelKind } from './handover-record.ts'
import { OrderedEffects } from './ordered-effects.ts'
import type { EffectSlot } from './ordered-effects.ts'
import type { Candidate } from './serve-with-fallback.ts'
import type { Spending } from './spending.ts'
import type { StatusBoard } from './status-board.ts'
import type { PlannedTask, TaskRouter } from './task-router.ts'

export type FollowUpParts = {
  readonly ledger: Ledger
  readonly catalogue: ModelCatalogue
  readonly local: LocalModels
  readonly router: TaskRouter
  readonly cycle: LearningCycle
  readonly codeRunner: CodeRunner
  readonly accounting: Accounting
  readonly spending: Spending
  readonly board: StatusBoard
  readonly clock: Clock
  readonly ids: Ids
  readonly frontierModels: Readonly<Record<AgentName, string>>
  readonly teacherModels: Readonly<Record<AgentName, string | null>>
  readonly heldOutShare: number
  /** Aborts what is under way when the village stops. */
  readonly signal: AbortSignal
  /** Called after everything that follows from a task was recorded and learnt. */
  readonly onApplied: () => void
  readonly onError: (error: unknown) => void
}

/** Audits that a measured quality must rest on. */
const leastAudits = 30
/** How sure a fall in quality must be, from one side. */
const confidence = 0.9

type AnsweredPlan = {
  readonly planned: PlannedTask
  readonly slot: EffectSlot
  readonly answered: AnsweredWithRecords
}

/** What follows an answer: audits, shadow runs, the teacher, comparisons and lessons. */
export class FollowUps {
  readonly #parts: FollowUpParts
  readonly #effects: OrderedEffects

  constructor(parts: FollowUpParts) {
    this.#parts = parts
    this.#effects = new OrderedEffects(parts.onError)
  }

  /** Keeps the place of a task in the order in which the village learns. */
  reserve(): EffectSlot {
    return this.#effects.reserve()
  }

  /** Other weights serve: the certificate that is opened for them is recorded in its turn. */
  afterRestart(agent: AgentName): void {
    const { router, ledger } = this.#parts
    this.#effects.reserve().settle(async () => {
      const changes = (await router.certificates?.changes(agent)) ?? []
      if (changes.length === 0) return
      await ledger.commit(changes.map((record) => ({ type: 'threshold-change', record })))
    })
  }

  start(answered: AnsweredPlan): void {
    this.#run(answered).catch((error: unknown) => {
      answered.slot.settle(() => undefined)
      this.#parts.onError(error)
    })
  }

  idle(): Promise<void> {
    return this.#effects.idle()
  }

  noteDecision(decision: Decision, interactions: readonly Interaction[]): void {
    const served = interactions.find((interaction) => interaction.id === decision.interactionId)
    this.#parts.board.noteDecision(decision, lastUserText(served?.messages ?? []))
  }

  noteReuse(decision: Decision, taskText: string): void {
    this.#parts.board.noteDecision(decision, taskText)
  }

  async recordFeedback(feedback: Feedback, decision: Decision): Promise<void> {
    const entries = await feedbackEntries(feedback, decision, this.#parts)
    await this.#parts.ledger.commit(entries)
    this.#parts.cycle.noteExamples(entries)
  }

  async #run({ planned, slot, answered }: AnsweredPlan): Promise<void> {
    const { task, plan, streamed } = planned
    const { id: taskId, agent } = task
    const { handover } = answered
    const { frontierModels, teacherModels } = this.#parts
    const teacherModel = teacherModels[agent]
    const servedLocally = answered.decision.route === 'local'
    const [audit, shadow, teacher, rejected] = await Promise.all([
      servedLocally && plan.audit ? this.#askModel(task, 'audit', frontierModels[agent]) : null,
      !servedLocally && plan.shadow && handover === null ? this.#askLocal(planned) : null,
      !servedLocally && plan.askTeacher && teacherModel !== null
        ? this.#askModel(task, 'teacher', teacherModel)
        : null,
      handover === null ? null : handoverCall(handover, { taskId, agent, streamed }),
    ])
    const extra = [audit, shadow, teacher, rejected].filter((call) => call !== null)
    const served: ModelCall = {
      interaction: answered.interaction,
      adapter: answered.served.candidate.adapter,
      answer: answered.answer,
      seen: answered.served.watched?.seen ?? null,
    }
    const frontier = servedLocally ? audit : served
    const local = servedLocally ? served : (rejected ?? shadow)
    const checked = await compareCalls(
      this.#parts,
      task,
      { candidate: local, reference: frontier },
      labelKind(plan, answered),
    )
    const shown = await this.#withSeen(planned, local, answered)
    const taught = await compareCalls(
      this.#parts,
      task,
      { candidate: teacher, reference: frontier },
      { source: 'teacher', probability: 1 },
    )
    const lessons = await collectLessons({
      task,
      frontier: usable(frontier),
      teacher: usable(teacher),
      local: usable(local),
      checked,
      taught,
      parts: this.#parts,
    })
    const entries: LedgerEntry[] = [
      ...extra.map((call): LedgerEntry => ({ type: 'interaction', record: call.interaction })),
      ...[checked, taught]
        .filter((comparison) => comparison !== null)
        .map((record): LedgerEntry => ({ type: 'comparison', record })),
      ...lessons,
    ]
    const failedAudit = servedLocally && audit !== null && audit.answer === null
    slot.settle(() => this.#apply(shown, checked, extra, entries, failedAudit))
  }

  /** The plan with the local answer as it was judged, or would have been. */
  async #withSeen(
    planned: PlannedTask,
    local: ModelCall | null,
    { handover, served, decision }: AnsweredWithRecords,
  ): Promise<PlannedTask> {
    const { certificates } = this.#parts.router
    if (local === null || local.answer === null) return planned
    // After a handover the local model answered all the same: nothing of that was planned.
    if (handover !== null && decision.route === 'local') return notCounted(planned)
    const seen = handover?.seen ?? local.seen ?? null
    if (seen === null) return planned
    const { latencyMs, usage } = local.answer
    const tokens = usage.completionTokens
    const { checkpoint } = local.interaction
    const sure = isSure(seen.leastLogProbability)
    const answered = { ...planned, localRun: { sure, checkpoint, latencyMs, tokens } }
    if (certificates === null) return answered
    const features = (handover?.verdict ?? served.watched?.verdict)?.features ?? null
    return certificates.withSeen(
      answered,
      { seen, features, latencyMs, tokens },
      this.#parts.signal,
    )
  }

  /** Runs in the order of the tasks: everything the village learns from one of them. */
  async #apply(
    planned: PlannedTask,
    checked: Comparison | null,
    extra: readonly ModelCall[],
    entries: readonly LedgerEntry[],
    failedAudit: boolean,
  ): Promise<void> {
    const { ledger, accounting, router, cycle } = this.#parts
    const { agent } = planned.task
    const isCurrent = checked !== null && checked.checkpoint === servingCheckpoint(cycle, agent)
    const { certificates } = router
    const marked = isCurrent ? (certificates?.marked(planned, checked) ?? null) : null
    if (entries.length > 0) {
      await ledger.commit(
        entries.map((entry) =>
          marked !== null && entry.record === checked
            ? { type: 'comparison' as const, record: marked }
            : entry,
        ),
      )
    }
    const certified =
      certificates !== null && (isCurrent || failedAudit)
        ? await certificates.certify(planned, isCurrent ? checked : null)
        : []
    if (certified.length > 0) {
      await ledger.commit(certified.map((record) => ({ type: 'threshold-change', record })))
    }
    for (const call of extra) accounting.addInteraction(call.interaction)
    cycle.noteExamples(entries)
    const { localRun, plan } = planned
    if (localRun !== undefined && localRun.checkpoint === servingCheckpoint(cycle, agent)) {
      router.noteLocalRun(planned, localRun)
    }
    if (isCurrent) {
      const change = router.learn(planned, checked)
      if (change !== null) await ledger.commit([{ type: 'threshold-change', record: change }])
      if (checked.source === 'audit') this.#noteServed(checked)
      if (checked.source === 'audit' || (checked.source === 'handover' && plan.audit)) {
        this.#noteAudit(checked, plan.auditProbability)
      }
    }
    cycle.afterTask(agent, { localQuality: measuredQuality(accounting.agents[agent].goodEnough) })
    this.#parts.onApplied()
  }

  #noteServed({ agent, verdict, probability }: Comparison): void {
    this.#parts.accounting.addAudit(agent, isGoodEnough(verdict), probability)
  }

  /**
   * What was promised at the gate was promised of all answers, sure or not: a handover counts as the
   * audit would have that its task was chosen for.
   */
  #noteAudit({ agent, kind, checkpoint, verdict }: Comparison, probability: number): void {
    const goodEnough = isGoodEnough(verdict)
    this.#parts.cycle.observeAudit({ agent, kind, checkpoint, goodEnough, probability })
  }

  async #askModel(
    task: Task,
    purpose: 'audit' | 'teacher',
    model: string,
  ): Promise<ModelCall | null> {
    const { catalogue, router, signal } = this.#parts
    const adapter = await catalogue.adapter(model, signal)
    const request = router.composeFrontier(task, adapter)
    return callBeside(this.#parts, task, purpose, { route: 'frontier', adapter, request })
  }

  #askLocal(planned: PlannedTask): Promise<ModelCall | null> {
    const { task, streamed } = planned
    const { router, local } = this.#parts
    const watch = router.watch(planned)
    const candidate: Candidate = {
      route: 'local',
      adapter: local.forAgent(task.agent),
      request: router.composeLocal(task),
      ...(watch !== undefined && { watch: { ...watch, judge: null } }),
    }
    return callBeside(this.#parts, task, 'shadow', candidate, watch !== undefined && streamed)
  }
}

function measuredQuality(audited: AuditedShare): MeasuredQuality | null {
  const { count, effectiveCount, share } = audited
  if (share === null || count < leastAudits) return null
  const { upper } = wilsonBounds(share * effectiveCount, effectiveCount, confidence)
  return { share, atMost: upper }
}

function servingCheckpoint(cycle: LearningCycle, agent: AgentName): string | null {
  return cycle.layer(agent).served.weights?.hash ?? null
}

function usable(call: ModelCall | null): ModelCall | null {
  return call === null || call.answer === null ? null : call
}
