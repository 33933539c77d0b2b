import type { AgentName } from '../../kernel/agent-name.ts'
import { lastUserText } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { CodeRunner } from '../../kernel/code-runner.ts'
import { isGoodEnough } from '../../kernel/comparison.ts'
import type { Comparison, Feedback } from '../../kernel/comparison.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Interaction } from '../../kernel/interaction.ts'
import type { LocalModels, ModelCatalogue } from '../../kernel/model-adapter.ts'
import type { Ledger, LedgerEntry } from '../../kernel/stores.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import type { MeasuredQuality } from '../../learning/continuous-learning-layer.ts'
import type { LearningCycle } from '../../learning/learning-cycle.ts'
import { wilsonBounds } from '../../routing/binomial-bounds.ts'
import type { Accounting } from '../figures/accounting.ts'
import type { AnswerMeaning } from './answer-meaning.ts'
import type { AnsweredWithRecords } from '../answering/answer-task.ts'
import type { AuditedShare } from '../figures/audited-share.ts'
import type { AuditMoney } from '../access/audit-money.ts'
import { askFrontier, askLocal, askTeacher } from './ask-beside.ts'
import { movesThreshold } from '../planning/candidate-chain.ts'
import { collectLessons } from './collect-lessons.ts'
import type { ModelCall } from '../answering/model-call.ts'
import { applyCandidateChecks, checkCandidates } from './check-candidates.ts'
import type { CandidateChecks } from './check-candidates.ts'
import { compareCalls } from './compare-calls.ts'
import { feedbackEntries } from './feedback-entries.ts'
import { feedbackEvidence } from '../planning/feedback-evidence.ts'
import { handoverCall, labelKind } from '../answering/handover-record.ts'
import { OrderedEffects } from '../ordered-effects.ts'
import type { EffectSlot } from '../ordered-effects.ts'
import type { Spending } from '../access/spending.ts'
import type { StatusBoard } from '../figures/status-board.ts'
import type { PlannedTask } from '../planning/planned-task.ts'
import type { TaskRouter } from '../planning/task-router.ts'
import { withSeen } from './with-seen.ts'

export type FollowUpParts = {
  readonly ledger: Ledger
  readonly catalogue: ModelCatalogue
  readonly local: LocalModels
  readonly router: TaskRouter
  readonly cycle: LearningCycle
  readonly codeRunner: CodeRunner
  /** Null or left out where answers are not compared by what they mean. */
  readonly meaning?: AnswerMeaning | null
  readonly accounting: Accounting
  readonly spending: Spending
  readonly auditMoney: AuditMoney
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
    const { router } = this.#parts
    this.#effects.reserve().settle(async () => {
      await this.#commitChanges((await router.certificates?.changes(agent)) ?? [])
    })
  }

  /** What another target made of an agent's threshold. */
  afterRetarget(agent: AgentName, changes: readonly ThresholdChange[]): void {
    this.#effects.reserve().settle(() => this.#commitChanges(changes))
    this.afterRestart(agent)
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

  /** The first verdict on a local answer of the weights now serving counts as evidence, too. */
  async recordFeedback(feedback: Feedback, decision: Decision): Promise<void> {
    const { ledger, cycle, router } = this.#parts
    const evidence = await feedbackEvidence(feedback, decision, this.#parts)
    const entries = await feedbackEntries(feedback, decision, this.#parts)
    await ledger.commit(entries)
    cycle.noteExamples(entries)
    await this.#parts.meaning?.learnFromFeedback(feedback, decision)
    if (evidence === null) return
    this.#effects.reserve().settle(() => {
      if (evidence.checkpoint !== servingCheckpoint(cycle, evidence.agent)) return
      router.learnFeedback(evidence)
      this.#parts.onApplied()
    })
  }

  async #run({ planned, slot, answered }: AnsweredPlan): Promise<void> {
    const { task, plan, streamed } = planned
    const { id: taskId, agent } = task
    const { handover } = answered
    const servedLocally = answered.decision.route === 'local'
    const servedCheaper = answered.decision.candidate !== undefined
    const [audit, shadow, teacher, rejected] = await Promise.all([
      (servedLocally || servedCheaper) && plan.audit ? askFrontier(task, this.#parts) : null,
      !servedLocally && plan.shadow && handover === null ? askLocal(planned, this.#parts) : null,
      !servedLocally && plan.askTeacher ? askTeacher(task, this.#parts) : null,
      handover === null ? null : handoverCall(handover, { taskId, agent, streamed }),
    ])
    const served: ModelCall = {
      interaction: answered.interaction,
      adapter: answered.served.candidate.adapter,
      answer: answered.answer,
      seen: answered.served.watched?.seen ?? null,
    }
    const frontier = servedLocally || servedCheaper ? audit : served
    const candidates = await checkCandidates(
      planned,
      { served: servedCheaper ? served : null, reference: frontier },
      this.#parts,
    )
    const beside = [audit, shadow, teacher, rejected].filter((call) => call !== null)
    const extra = [...beside, ...candidates.calls]
    const local = servedLocally ? served : (rejected ?? shadow)
    const checked = await compareCalls(
      task,
      { candidate: local, reference: frontier },
      labelKind(plan, answered),
      this.#parts,
    )
    const shown = await withSeen(planned, local, answered, this.#parts)
    const taught = await compareCalls(
      task,
      { candidate: teacher, reference: frontier },
      { source: 'teacher', probability: 1 },
      this.#parts,
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
    // Null where it was refused: there was no money for it.
    const failedAudit = servedLocally && plan.audit && (audit?.answer ?? null) === null
    slot.settle(async () => {
      await this.#apply(shown, checked, extra, entries, failedAudit)
      await this.#applyCandidates(planned, candidates)
    })
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
      // Nobody waits for the database here: what one task taught shares its group with others.
      await ledger.record(
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
    await this.#commitChanges(certified)
    if (certified.some(movesThreshold)) router.chain?.recertify(agent)
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

  async #applyCandidates(planned: PlannedTask, checks: CandidateChecks): Promise<void> {
    const { ledger, router, clock } = this.#parts
    const commit = ledger.commit.bind(ledger)
    await this.#commitChanges(
      await applyCandidateChecks(planned, checks, { router, clock, commit }),
    )
  }

  async #commitChanges(changes: readonly ThresholdChange[]): Promise<void> {
    if (changes.length === 0) return
    await this.#parts.ledger.commit(changes.map((record) => ({ type: 'threshold-change', record })))
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
