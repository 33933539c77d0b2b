import type { MonitorSettings } from './learning-settings.ts'

/**
 * Watches a checkpoint in service by its audits. Tested is "the chance that an answer is not good
 * enough is at most what was allowed", by betting against it: an e-process after Waudby-Smith and
 * Ramdas (arXiv 2010.09686) whose wealth may be looked at after every audit. If the checkpoint keeps
 * its promise, the wealth ever reaches w with probability at most 1/w.
 *
 * Several fixed bets share the wealth. Half is bet from the first audit; the rest joins bit by bit,
 * so that a fall after a long good time is still seen soon.
 */
export type MonitorState = {
  readonly audits: number
  readonly notGoodEnough: number
  /** Wealth at stake per bet, in the order of `betFractions`. */
  readonly atStake: readonly number[]
  readonly reserve: number
}

export type Audit = {
  readonly goodEnough: boolean
  /** Probability with which this answer was audited; it must not depend on the answer. */
  readonly probability: number
  /** The share of answers of this sort that may be not good enough, 0–1. */
  readonly allowed: number
}

/** Bets as fractions of the largest one that can never lose more than everything. */
const betFractions = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75] as const
const initialStake = 0.5
const stakeOfReservePerAudit = 1 / 500

/** A rare audit stands for many tasks: its bet is raised by the inverse probability, clipped. */
const referenceProbability = 0.5
const leastWeight = 0.5
const mostWeight = 2
const largestBet = 0.9

export function startMonitor(): MonitorState {
  return {
    audits: 0,
    notGoodEnough: 0,
    atStake: betFractions.map(() => initialStake / betFractions.length),
    reserve: 1 - initialStake,
  }
}

export function recordAudit(state: MonitorState, audit: Audit): MonitorState {
  const allowed = Math.min(0.95, Math.max(0.01, audit.allowed))
  const weight = Math.min(
    mostWeight,
    Math.max(leastWeight, referenceProbability / Math.max(audit.probability, 1e-6)),
  )
  const joining = (state.reserve * stakeOfReservePerAudit) / betFractions.length
  const outcome = (audit.goodEnough ? 0 : 1) - allowed
  return {
    audits: state.audits + 1,
    notGoodEnough: state.notGoodEnough + (audit.goodEnough ? 0 : 1),
    atStake: betFractions.map((fraction, index) => {
      const bet = Math.min(largestBet, fraction * weight) / allowed
      return ((state.atStake[index] ?? 0) + joining) * (1 + bet * outcome)
    }),
    reserve: state.reserve * (1 - stakeOfReservePerAudit),
  }
}

export function wealthOf(state: MonitorState): number {
  return state.atStake.reduce((sum, wealth) => sum + wealth, state.reserve)
}

export function shouldRollBack(state: MonitorState, settings: MonitorSettings): boolean {
  return wealthOf(state) >= settings.rollbackWealth
}

/**
 * The share of answers that may be not good enough: what the gate measured on held-out tasks and a
 * margin, but never stricter than the agent's target.
 */
export function allowedShare(
  promised: { readonly notGoodEnough: number; readonly tasks: number } | null,
  targetQuality: number,
  settings: MonitorSettings,
): number {
  const target = 1 - targetQuality
  if (promised === null || promised.tasks === 0) return Math.max(target, settings.margin)
  return Math.max(target, promised.notGoodEnough / promised.tasks + settings.margin)
}

/**
 * How often a local answer is audited: half of them until the canary's audits are in, then falling
 * with the square of their number, never to zero; up again when the wealth grows.
 */
export function auditProbability(state: MonitorState, settings: MonitorSettings): number {
  const falling =
    state.audits <= settings.canaryAudits
      ? settings.canaryProbability
      : settings.canaryProbability * (settings.canaryAudits / state.audits) ** 2
  const least =
    wealthOf(state) >= settings.suspiciousWealth
      ? settings.suspiciousProbability
      : settings.leastProbability
  return Math.max(least, falling)
}
