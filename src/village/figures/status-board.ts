import type { AgentName } from '../../kernel/agent-name.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { EvaluationReport, Promotion, TrainingRun } from '../../kernel/training.ts'
import type { LearningEvent } from '../../learning/learning-event.ts'
import { decisionSummary } from './trail.ts'
import type { DecisionSummary } from './trail.ts'

type LoopStage =
  | 'starting'
  | 'serving'
  | 'collecting'
  | 'training'
  | 'evaluating'
  | 'promoting'
  | 'rolling-back'
  | 'draining'

export type LoopState = {
  readonly stage: LoopStage
  readonly agent: AgentName | null
  readonly detail: string
}

const mostDecisions = 40
const mostRuns = 30
const mostPromotions = 30

/** The latest of everything that the status shows, newest first, in bounded memory. */
export class StatusBoard {
  #decisions: DecisionSummary[] = []
  #runs: TrainingRun[] = []
  #promotions: Promotion[] = []
  readonly #reports = new Map<string, EvaluationReport>()
  readonly counts = { promotions: 0, rollbacks: 0, refusedByGate: 0 }
  loop: LoopState = { stage: 'starting', agent: null, detail: 'The village is starting.' }

  noteDecision(decision: Decision, taskText: string): void {
    this.#decisions = [decisionSummary(decision, taskText), ...this.#decisions].slice(
      0,
      mostDecisions,
    )
  }

  /** Shows what the learning reports; warnings and errors belong to the log. */
  noteLearning(event: LearningEvent): void {
    switch (event.type) {
      case 'stage':
        this.loop = { stage: event.stage, agent: event.agent, detail: event.detail }
        return
      case 'run':
        this.noteRun(event.run)
        return
      case 'report':
        this.noteReport(event.report)
        return
      case 'promotion':
        this.notePromotion(event.promotion)
        return
      case 'warning':
      case 'setting':
      case 'error':
        return
    }
  }

  noteRun(run: TrainingRun): void {
    const known = this.#runs.find((candidate) => candidate.id === run.id)
    if (run.status === 'refused' && known?.status !== 'refused') this.counts.refusedByGate += 1
    this.#runs =
      known === undefined
        ? [run, ...this.#runs].slice(0, mostRuns)
        : this.#runs.map((candidate) => (candidate.id === run.id ? run : candidate))
  }

  /** The gate's report on a run's checkpoint, found again by the checkpoint's hash. */
  noteReport(report: EvaluationReport): void {
    this.#reports.set(report.candidate, report)
    const oldest = this.#reports.keys().next().value
    if (this.#reports.size > mostRuns && oldest !== undefined) this.#reports.delete(oldest)
  }

  notePromotion(promotion: Promotion): void {
    if (promotion.action === 'promotion') this.counts.promotions += 1
    if (promotion.action === 'rollback') this.counts.rollbacks += 1
    this.restorePromotion(promotion)
  }

  /** Puts an earlier promotion back on the board without counting it again. */
  restorePromotion(promotion: Promotion): void {
    this.#promotions = [promotion, ...this.#promotions].slice(0, mostPromotions)
  }

  get decisions(): readonly DecisionSummary[] {
    return this.#decisions
  }

  get promotions(): readonly Promotion[] {
    return this.#promotions
  }

  runs() {
    return this.#runs.map((run) => {
      const report = run.checkpointHash === null ? undefined : this.#reports.get(run.checkpointHash)
      return { ...run, metrics: { ...run.metrics }, gate: gateView(report) }
    })
  }

  /** When the agent's checkpoint now serving came into service. */
  servingSinceMs(agent: AgentName): number | null {
    return this.#promotions.find((promotion) => promotion.agent === agent)?.atMs ?? null
  }
}

function gateView(report: EvaluationReport | undefined) {
  if (report === undefined) return null
  const { tasks, candidateRight, servingRight, pValue, promoted, why } = report
  const kinds = report.kinds.map((result) => ({
    kind: result.kind,
    tasks: result.tasks,
    candidateRight: result.candidateRight,
    servingRight: result.servingRight,
  }))
  return { tasks, candidateRight, servingRight, pValue, promoted, why, kinds }
}
