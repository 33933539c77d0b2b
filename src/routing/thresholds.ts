import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import type { QualityTarget } from '../kernel/target.ts'
import type { ThresholdChange } from '../kernel/training.ts'
import type { ScoredLabel } from './complexity-estimate.ts'
import { thresholdFromHeldOut, thresholdFromResults } from './threshold-choice.ts'

export type ThresholdSettings = {
  /** Share of locally served tasks that may be answered worse than the frontier would have. */
  readonly targetLoss: number
  /** Chance of error that what is shown may have, for each statement by itself; in (0, 0.5). */
  readonly delta: number
  /**
   * Comparisons also call right answers worse, where the reference itself is wrong: a measured
   * loss speaks against the local model only above target and this together.
   */
  readonly referenceErrors: number
  readonly step: number
  readonly max: number
  /** Where labels are too few to show anything, but some were shown. */
  readonly careful: number
  /** A threshold is looked at after every so many results. */
  readonly resultsPerLook: number
  /** Labels that a statement must rest on. */
  readonly minLabels: number
  /** Results kept for the next looks. */
  readonly windowResults: number
}

export const defaultThresholdSettings: ThresholdSettings = {
  targetLoss: 0.05,
  delta: 0.1,
  referenceErrors: 0.02,
  step: 0.05,
  max: 0.3,
  careful: 0.1,
  resultsPerLook: 100,
  minLabels: 30,
  windowResults: 300,
}

export type ThresholdsSnapshot = {
  readonly version: 1
  readonly agents: Readonly<Record<AgentName, AgentThreshold>>
}

type AgentThreshold = {
  readonly value: number
  readonly resultsSinceLook: number
  readonly window: readonly ScoredLabel[]
}

const closed: AgentThreshold = { value: 0, resultsSinceLook: 0, window: [] }

/**
 * Each agent's threshold on the scale of complexity. It starts at 0, so that nothing is served
 * locally before something was shown, and moves by measured quality only.
 */
export class Thresholds {
  readonly settings: ThresholdSettings
  readonly #targets = new Map<AgentName, QualityTarget>()
  readonly #agents = new Map<AgentName, AgentThreshold>(agentNames.map((agent) => [agent, closed]))

  constructor(settings: ThresholdSettings = defaultThresholdSettings) {
    this.settings = settings
  }

  value(agent: AgentName): number {
    return this.#thresholdOf(agent).value
  }

  /**
   * Another share of the local answers may be worse from now on, or it is to be shown with another
   * confidence: the threshold is what the results so far show for that. Where they are too few to
   * show anything, a stricter target allows the careful value at most.
   */
  retarget(agent: AgentName, target: QualityTarget, atMs: number): ThresholdChange | null {
    const before = this.#thresholdOf(agent)
    const settings = this.#settingsOf(agent)
    const { alpha, delta } = target
    const isStricter = alpha < settings.targetLoss || delta < settings.delta
    const isSame = alpha === settings.targetLoss && delta === settings.delta
    this.#targets.set(agent, target)
    if (before.value === 0 || isSame) return null
    const shown = thresholdFromHeldOut(before.window, this.#settingsOf(agent))
    const isKnown = before.window.length >= settings.minLabels
    const careful = isStricter ? Math.min(before.value, settings.careful) : before.value
    const value = isKnown ? shown.value : careful
    if (value === before.value) return null
    this.#agents.set(agent, { ...before, value })
    const why = isKnown ? shown.reason : `Set to ${value.toFixed(2)}: too few results show more.`
    return { agent, value, reason: `The target changed. ${why}`, atMs }
  }

  /**
   * After a promotion or rollback: set from the held-out labels of the checkpoint that serves now,
   * as `ComplexityEvaluator.restart` returns them. Without labels (the bare base) it closes.
   */
  restart(agent: AgentName, heldOut: readonly ScoredLabel[], atMs: number): ThresholdChange {
    const { value, reason } = thresholdFromHeldOut(heldOut, this.#settingsOf(agent))
    this.#agents.set(agent, { value, resultsSinceLook: 0, window: [] })
    return { agent, value, reason, atMs }
  }

  /** Counts one result (shadow or audit); every 100 results the threshold may move one step. */
  record(agent: AgentName, result: ScoredLabel, atMs: number): ThresholdChange | null {
    const before = this.#thresholdOf(agent)
    const window = [...before.window, result].slice(-this.settings.windowResults)
    const resultsSinceLook = before.resultsSinceLook + 1
    if (resultsSinceLook < this.settings.resultsPerLook) {
      this.#agents.set(agent, { ...before, window, resultsSinceLook })
      return null
    }
    const move = thresholdFromResults(before.value, window, this.#settingsOf(agent))
    if (move === null) {
      this.#agents.set(agent, { ...before, window, resultsSinceLook: 0 })
      return null
    }
    this.#agents.set(agent, { value: move.value, window, resultsSinceLook: 0 })
    return { agent, value: move.value, reason: move.reason, atMs }
  }

  snapshot(): ThresholdsSnapshot {
    const agents = agentNames.map((agent) => [agent, this.#thresholdOf(agent)] as const)
    return { version: 1, agents: Object.fromEntries(agents) as Record<AgentName, AgentThreshold> }
  }

  /** Takes up a snapshot. One of another version is ignored, and false returned. */
  restore(snapshot: ThresholdsSnapshot): boolean {
    if ((snapshot.version as number) !== 1) return false
    for (const agent of agentNames) this.#agents.set(agent, snapshot.agents[agent])
    return true
  }

  #settingsOf(agent: AgentName): ThresholdSettings {
    const target = this.#targets.get(agent)
    if (target === undefined) return this.settings
    return { ...this.settings, targetLoss: target.alpha, delta: target.delta }
  }

  #thresholdOf(agent: AgentName): AgentThreshold {
    return this.#agents.get(agent) ?? closed
  }
}
