import type { AgentName } from '../kernel/agent-name.ts'
import type { Route } from '../kernel/decision.ts'
import { addMoney, noMoney, usdFromNanoUsd } from '../kernel/money.ts'
import type { NanoUsd } from '../kernel/money.ts'
import { inHindsight } from './hindsight.ts'
import type { Hindsight, ScoredTask } from './hindsight.ts'
import type { Expectation } from './families/family.ts'

/** One simulated task as it ended, scored by the truth that only the simulation knows. */
export type TaskOutcome = {
  readonly family: string
  readonly agent: AgentName
  readonly expectation: Expectation
  readonly route: Route
  readonly right: boolean
  /** Whether the frontier model would have been right, whoever answered. */
  readonly frontierRight: boolean
  /** Everything that was spent on the task: answer, audit, shadow run, teacher. */
  readonly cost: NanoUsd
  readonly alwaysFrontierCost: NanoUsd
  /** Where a certificate's scorer scored the task and there was a local answer. */
  readonly scored?: ScoredTask
}

export type LoopEvent = {
  readonly type: 'promotion' | 'rollback' | 'refused-by-gate'
  /** Seconds since the simulation began. */
  readonly atSeconds: number
  /** How many tasks had been answered by then. */
  readonly afterTasks: number
}

/** Shares and qualities are 0–1, or null where there was no task. */
export type ReportPeriod = {
  readonly tasks: number
  readonly localShare: number | null
  readonly localShareByFamily: Readonly<Record<string, number>>
  readonly quality: number | null
  readonly frontierQuality: number | null
  readonly qualityByFamily: Readonly<Record<string, number>>
  readonly tasksByFamily: Readonly<Record<string, number>>
  readonly costUsd: number
  readonly alwaysFrontierCostUsd: number
  readonly promotions: number
  readonly rollbacks: number
  readonly refusedByGate: number
  /** Under the policy `certified`: what was certified against what could have been. */
  readonly hindsight: Hindsight | null
}

/** What `village simulate --json` prints: the whole run, and its last 1,000 tasks under `last`. */
export type SimulationReport = ReportPeriod & {
  readonly simulated: true
  readonly firstPromotionSeconds: number | null
  /** `king/triage` and so on, to what was expected of it. */
  readonly expectationByFamily: Readonly<Record<string, Expectation>>
  readonly last: ReportPeriod
}

const lastTasks = 1000

export function createReport(
  outcomes: readonly TaskOutcome[],
  events: readonly LoopEvent[],
): SimulationReport {
  const firstOfLast = Math.max(0, outcomes.length - lastTasks)
  const promotion = events.find((event) => event.type === 'promotion')
  return {
    simulated: true,
    firstPromotionSeconds: promotion?.atSeconds ?? null,
    ...periodOf(outcomes, events),
    expectationByFamily: Object.fromEntries(
      outcomes.map((outcome) => [familyKey(outcome), outcome.expectation]),
    ),
    last: periodOf(
      outcomes.slice(firstOfLast),
      events.filter((event) => firstOfLast === 0 || event.afterTasks > firstOfLast),
    ),
  }
}

function periodOf(outcomes: readonly TaskOutcome[], events: readonly LoopEvent[]): ReportPeriod {
  const byFamily = Map.groupBy(outcomes, familyKey)
  const perFamily = (value: (group: readonly TaskOutcome[]) => number): Record<string, number> =>
    Object.fromEntries(
      [...byFamily]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, group]) => [key, value(group)]),
    )
  const countOf = (type: LoopEvent['type']): number =>
    events.filter((event) => event.type === type).length
  return {
    tasks: outcomes.length,
    localShare: shareOf(outcomes, isLocal),
    localShareByFamily: perFamily((group) => shareOf(group, isLocal) ?? 0),
    quality: shareOf(outcomes, (outcome) => outcome.right),
    frontierQuality: shareOf(outcomes, (outcome) => outcome.frontierRight),
    qualityByFamily: perFamily((group) => shareOf(group, (outcome) => outcome.right) ?? 0),
    tasksByFamily: perFamily((group) => group.length),
    costUsd: usdFromNanoUsd(sumOf(outcomes, (outcome) => outcome.cost)),
    alwaysFrontierCostUsd: usdFromNanoUsd(sumOf(outcomes, (outcome) => outcome.alwaysFrontierCost)),
    promotions: countOf('promotion'),
    rollbacks: countOf('rollback'),
    refusedByGate: countOf('refused-by-gate'),
    hindsight: inHindsight(outcomes.flatMap(({ scored }) => scored ?? [])),
  }
}

function familyKey(outcome: TaskOutcome): string {
  return `${outcome.agent}/${outcome.family}`
}

function isLocal(outcome: TaskOutcome): boolean {
  return outcome.route === 'local'
}

function sumOf(
  outcomes: readonly TaskOutcome[],
  amount: (outcome: TaskOutcome) => NanoUsd,
): NanoUsd {
  return outcomes.reduce((sum, outcome) => addMoney(sum, amount(outcome)), noMoney)
}

function shareOf(
  outcomes: readonly TaskOutcome[],
  claim: (outcome: TaskOutcome) => boolean,
): number | null {
  return outcomes.length === 0 ? null : outcomes.filter(claim).length / outcomes.length
}
