import { agentNames } from '../../kernel/agent-name.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import { dayOf } from '../../kernel/days.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { Interaction } from '../../kernel/interaction.ts'
import type { JsonValue } from '../../kernel/json.ts'
import { AuditedShare } from './audited-share.ts'
import type { Audited } from './audited-share.ts'
import { RecentShare } from './recent-share.ts'
import { Series } from './series.ts'
import type { SeriesState } from './series.ts'

const recentTasks = 200
const recentAudits = 200
const stateVersion = 2
const latencyStep = 0.05

export type Totals = {
  tasks: number
  localTasks: number
  audits: number
  shadowRuns: number
  teacherCalls: number
  /** Local answers that were judged and did not leave, and the time that this has cost. */
  handovers: number
  handoverMs: number
  /** Answers given again to equal requests, and to similar ones. */
  cacheHits: number
  semanticHits: number
  /** What the village asked for itself: beside hits of similar requests, and before requests. */
  cacheAudits: number
  warmedAnswers: number
  costNanoUsd: number
  alwaysFrontierNanoUsd: number
}

export type AgentFigures = {
  tasks: number
  frontierNanoUsd: number
  teacherNanoUsd: number
  teacherCalls: number
  localLatencyMs: number | null
  frontierLatencyMs: number | null
  /** The latest UTC day in which the agent spent something, and what. */
  spentDay: number
  spentDayNanoUsd: number
  readonly local: RecentShare
  readonly goodEnough: AuditedShare
}

type State = {
  readonly version: typeof stateVersion
  readonly upToMs: number
  readonly totals: Totals
  readonly agents: Record<AgentName, AgentState>
  readonly series: SeriesState
}

type AgentState = {
  readonly tasks: number
  readonly frontierNanoUsd: number
  readonly teacherNanoUsd: number
  readonly teacherCalls: number
  readonly localLatencyMs: number | null
  readonly frontierLatencyMs: number | null
  readonly spentDay?: number
  readonly spentDayNanoUsd?: number
  readonly local: readonly boolean[]
  readonly goodEnough: readonly Audited[]
}

/** Running figures of the village, kept in memory so that no status request reads the history. */
export class Accounting {
  readonly totals: Totals = {
    tasks: 0,
    localTasks: 0,
    audits: 0,
    shadowRuns: 0,
    teacherCalls: 0,
    handovers: 0,
    handoverMs: 0,
    cacheHits: 0,
    semanticHits: 0,
    cacheAudits: 0,
    warmedAnswers: 0,
    costNanoUsd: 0,
    alwaysFrontierNanoUsd: 0,
  }
  readonly agents: Record<AgentName, AgentFigures> = {
    king: emptyFigures(),
    sage: emptyFigures(),
    magi: emptyFigures(),
  }
  readonly series = new Series()
  /** The reason why the last frontier call failed; null when it went well. */
  lastFrontierError: string | null = null
  #upToMs = 0

  addDecision(decision: Decision, thresholds: Record<AgentName, number>): void {
    this.#upToMs = Math.max(this.#upToMs, decision.decidedAtMs)
    if (decision.ownPurpose !== undefined) return
    if (decision.reused?.from === 'semantic') this.totals.semanticHits += 1
    else if (decision.reused !== undefined) this.totals.cacheHits += 1
    const local = decision.route === 'local'
    this.totals.tasks += 1
    this.totals.localTasks += local ? 1 : 0
    this.totals.alwaysFrontierNanoUsd += decision.alwaysFrontierCost
    this.totals.handovers += decision.handover === undefined ? 0 : 1
    this.totals.handoverMs += decision.handover?.addedLatencyMs ?? 0
    if (decision.agent === null) return
    const figures = this.agents[decision.agent]
    figures.tasks += 1
    // An answer given again says nothing about who answers.
    if (decision.reused !== undefined) return
    figures.local.add(local)
    this.series.addTask({
      atMs: decision.decidedAtMs,
      agent: decision.agent,
      local,
      totals: this.totals,
      thresholds,
    })
  }

  addInteraction(interaction: Interaction): void {
    this.#upToMs = Math.max(this.#upToMs, interaction.startedAtMs)
    const cost = interaction.usage.cost
    this.totals.costNanoUsd += cost
    if (interaction.purpose === 'audit') this.totals.audits += 1
    if (interaction.purpose === 'shadow') this.totals.shadowRuns += 1
    if (interaction.purpose === 'teacher') this.totals.teacherCalls += 1
    if (interaction.purpose === 'cache-audit') this.totals.cacheAudits += 1
    if (interaction.purpose === 'warming') this.totals.warmedAnswers += 1
    if (interaction.agent === null) return
    const figures = this.agents[interaction.agent]
    addToDay(figures, dayOf(interaction.startedAtMs), cost)
    if (interaction.purpose === 'teacher') {
      figures.teacherNanoUsd += cost
      figures.teacherCalls += 1
    } else {
      figures.frontierNanoUsd += cost
    }
    if (interaction.cancelled === true) return
    if (interaction.modelKind === 'frontier') this.lastFrontierError = interaction.error
    if (interaction.error !== null) return
    if (interaction.modelKind === 'local') {
      figures.localLatencyMs = moved(figures.localLatencyMs, interaction.latencyMs)
    } else {
      figures.frontierLatencyMs = moved(figures.frontierLatencyMs, interaction.latencyMs)
    }
  }

  /** What the agent spent in the UTC day of this time. */
  spentToday(agent: AgentName, nowMs: number): number {
    const { spentDay, spentDayNanoUsd } = this.agents[agent]
    return spentDay >= dayOf(nowMs) ? spentDayNanoUsd : 0
  }

  /** A locally served answer was checked against the frontier's. */
  addAudit(agent: AgentName, goodEnough: boolean, probability: number): void {
    const audited = { goodEnough, weight: 1 / probability }
    this.agents[agent].goodEnough.add(audited)
    this.series.addAudit(audited)
  }

  /** Quality measured under another checkpoint says nothing about the one now serving. */
  forgetQuality(agent: AgentName): void {
    const figures = this.agents[agent]
    this.agents[agent] = { ...figures, goodEnough: new AuditedShare(recentAudits) }
  }

  snapshot(): JsonValue {
    const agents = Object.fromEntries(
      agentNames.map((agent) => {
        const figures = this.agents[agent]
        return [
          agent,
          { ...figures, local: figures.local.values(), goodEnough: figures.goodEnough.values() },
        ]
      }),
    )
    const state = {
      version: stateVersion,
      upToMs: this.#upToMs,
      totals: this.totals,
      agents,
      series: this.series.snapshot(),
    }
    return structuredClone(state)
  }

  /** Returns up to which time the figures hold: later records are to be added again. */
  restore(value: JsonValue): number {
    const state = value as unknown as State
    if (state.version !== stateVersion) return 0
    Object.assign(this.totals, state.totals)
    for (const agent of agentNames) {
      const saved = state.agents[agent]
      this.agents[agent] = {
        ...saved,
        spentDay: saved.spentDay ?? 0,
        spentDayNanoUsd: saved.spentDayNanoUsd ?? 0,
        local: new RecentShare(recentTasks, saved.local),
        goodEnough: new AuditedShare(recentAudits, saved.goodEnough),
      }
    }
    this.series.restore(state.series)
    this.#upToMs = state.upToMs
    return state.upToMs
  }
}

function emptyFigures(): AgentFigures {
  return {
    tasks: 0,
    frontierNanoUsd: 0,
    teacherNanoUsd: 0,
    teacherCalls: 0,
    localLatencyMs: null,
    frontierLatencyMs: null,
    spentDay: 0,
    spentDayNanoUsd: 0,
    local: new RecentShare(recentTasks),
    goodEnough: new AuditedShare(recentAudits),
  }
}

/** A clock that goes back counts for the latest day that was seen. */
function addToDay(figures: AgentFigures, day: number, cost: number): void {
  if (day > figures.spentDay) {
    figures.spentDay = day
    figures.spentDayNanoUsd = 0
  }
  figures.spentDayNanoUsd += cost
}

function moved(mean: number | null, value: number): number {
  return mean === null ? value : mean + latencyStep * (value - mean)
}
