import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import { dayOf, startOfDayMs } from '../kernel/days.ts'
import { nanoUsdFromUsd, usdFromNanoUsd } from '../kernel/money.ts'
import type { NanoUsd } from '../kernel/money.ts'
import { isQualityTarget } from '../kernel/target.ts'
import type { BudgetTarget, LatencyTarget, Target } from '../kernel/target.ts'

/** A threshold that meets a target at the least expected loss. */
export type AimedThreshold = {
  /** The share of tasks that has to be local, in [0, 1]. */
  readonly localShare: number
  /** Local below it, on the scale of the expected loss; 0 where nothing has to be local. */
  readonly threshold: number
  /** Of the tasks exactly at it, this share is local. */
  readonly shareAtThreshold: number
  /** Half a sentence: what is known, and what follows. */
  readonly why: string
  /** Why the target cannot be met, one sentence; null while it can. */
  readonly unmet: string | null
}

type SeenTask = {
  readonly atMs: number
  readonly expectedLoss: number
  /** What the frontier costs for it. */
  readonly frontierCost: number
}

type AgentState = { target: Target; readonly seen: SeenTask[] }

/** What was measured of the agent. Latencies are means, null while unknown. */
export type Circumstances = {
  readonly nowMs: number
  /** By the agent in this UTC day, audits included. */
  readonly spentTodayNanoUsd: number
  readonly auditProbability: number
  readonly localLatencyMs: number | null
  readonly frontierLatencyMs: number | null
}

const rememberedTasks = 300
/** Below so many tasks their rate says nothing of the rest of the day. */
const leastTasks = 20

/**
 * Holds each agent's target and finds the threshold for one in money or time. Serving the tasks of
 * least expected loss locally until the target is met is the least expected loss that meets it. A
 * target of quality moves no threshold here: it is shown by certificates, or by measured quality.
 */
export class AutoOptimizer {
  readonly #agents: ReadonlyMap<AgentName, AgentState>

  constructor(targets: Readonly<Record<AgentName, Target>>) {
    this.#agents = new Map(agentNames.map((agent) => [agent, { target: targets[agent], seen: [] }]))
  }

  target(agent: AgentName): Target {
    return this.#stateOf(agent).target
  }

  setTarget(agent: AgentName, target: Target): void {
    this.#stateOf(agent).target = target
  }

  /** A task that could have gone either way. */
  observeTask(agent: AgentName, task: SeenTask): void {
    const state = this.#stateOf(agent)
    const isKnown = !Number.isNaN(task.expectedLoss)
    state.seen.push(isKnown ? task : { ...task, expectedLoss: 1 })
    if (state.seen.length > rememberedTasks) state.seen.shift()
  }

  /** Null where the target is one of quality. */
  aim(agent: AgentName, circumstances: Circumstances): AimedThreshold | null {
    const state = this.#stateOf(agent)
    const { target } = state
    if (isQualityTarget(target)) return null
    const need =
      'budgetUsdPerDay' in target
        ? shareForBudget(state, target, circumstances)
        : shareForLatency(target, circumstances)
    return { ...need, ...thresholdForShare(state.seen, need.localShare) }
  }

  #stateOf(agent: AgentName): AgentState {
    const state = this.#agents.get(agent)
    if (state === undefined) throw new RangeError(`No such agent: ${agent}`)
    return state
  }
}

type Need = Pick<AimedThreshold, 'localShare' | 'why' | 'unmet'>

/** What is left of the day's money must last to the end of the day at the rate of the last tasks. */
function shareForBudget(
  state: AgentState,
  { budgetUsdPerDay }: BudgetTarget,
  { nowMs, spentTodayNanoUsd, auditProbability }: Circumstances,
): Need {
  const left = nanoUsdFromUsd(budgetUsdPerDay) - spentTodayNanoUsd
  const spent = `$${usd(spentTodayNanoUsd)} of $${budgetUsdPerDay} a day is spent`
  if (left <= 0) {
    return { localShare: 1, why: spent, unmet: `${spent}: what cannot be local still costs.` }
  }
  const [oldest] = state.seen
  const spanMs = oldest === undefined ? 0 : nowMs - oldest.atMs
  if (state.seen.length < leastTasks || spanMs <= 0) {
    return { localShare: 0, why: `${spent}, and too few tasks came to tell more`, unmet: null }
  }
  const cost = state.seen.reduce((sum, task) => sum + task.frontierCost, 0)
  const expected = (cost / spanMs) * (startOfDayMs(dayOf(nowMs) + 1) - nowMs)
  // An audited local answer costs a frontier call all the same.
  const share = Math.max(0, 1 - left / expected) / Math.max(1e-6, 1 - auditProbability)
  const why = `${spent}, and the frontier alone would cost $${usd(expected)} until it ends`
  if (share <= 1) return { localShare: share, why, unmet: null }
  return { localShare: 1, why, unmet: 'Audits alone cost more than is left of the budget.' }
}

function shareForLatency(
  { latencyMs }: LatencyTarget,
  { localLatencyMs: local, frontierLatencyMs: frontier }: Circumstances,
): Need {
  if (frontier === null || local === null) {
    return { localShare: 0, why: 'too few answers were timed to tell', unmet: null }
  }
  const why = `the frontier takes ${Math.round(frontier)} ms and the local model ${Math.round(local)} ms, for a target of ${latencyMs} ms`
  if (frontier <= latencyMs) return { localShare: 0, why, unmet: null }
  if (local >= frontier) {
    return { localShare: 0, why, unmet: `No threshold meets ${latencyMs} ms: ${why}.` }
  }
  const share = (frontier - latencyMs) / (frontier - local)
  if (share <= 1) return { localShare: share, why, unmet: null }
  return { localShare: 1, why, unmet: `Even all local answers would miss it: ${why}.` }
}

/** The quantile of the expected losses below which such a share of the tasks lies. */
function thresholdForShare(
  seen: readonly SeenTask[],
  share: number,
): Pick<AimedThreshold, 'threshold' | 'shareAtThreshold'> {
  if (share <= 0) return { threshold: 0, shareAtThreshold: 0 }
  if (share >= 1 || seen.length === 0) return { threshold: 1, shareAtThreshold: 1 }
  const losses = seen.map(({ expectedLoss }) => expectedLoss).toSorted((a, b) => a - b)
  const wanted = share * losses.length
  const threshold = losses[Math.ceil(wanted) - 1] ?? 1
  const below = losses.filter((loss) => loss < threshold).length
  const at = losses.filter((loss) => loss === threshold).length
  return { threshold, shareAtThreshold: (wanted - below) / at }
}

function usd(nanoUsd: number): string {
  const amount = usdFromNanoUsd(nanoUsd as NanoUsd)
  return amount >= 1 ? amount.toFixed(2) : Number(amount.toPrecision(2)).toString()
}
