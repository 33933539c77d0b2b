import type { AgentTarget } from '../../../src/http/contract.ts'

export const targetKinds = ['quality', 'budget', 'latency'] as const

export type TargetKind = (typeof targetKinds)[number]

export const targetLabels: Readonly<Record<TargetKind, string>> = {
  quality: 'At most lost, %',
  budget: 'USD a day',
  latency: 'ms on average',
}

export function kindOfTarget({ budgetUsdPerDay, latencyMs }: AgentTarget): TargetKind {
  if (budgetUsdPerDay !== undefined) return 'budget'
  return latencyMs === undefined ? 'quality' : 'latency'
}

/** The number that a person sees: a share of lost answers as a percentage. */
export function numberOfTarget(target: AgentTarget, kind: TargetKind): number | null {
  if (kindOfTarget(target) !== kind) return null
  if (kind === 'quality') return Number(((target.alpha ?? 0) * 100).toFixed(2))
  return (kind === 'budget' ? target.budgetUsdPerDay : target.latencyMs) ?? null
}

/** The body of `POST /village/targets/{agent}`. */
export function targetBody(kind: TargetKind, value: number, known: AgentTarget): object {
  if (kind === 'budget') return { budget_usd_per_day: value }
  if (kind === 'latency') return { latency_ms: value }
  const alpha = Number((value / 100).toFixed(6))
  return known.delta === undefined ? { alpha } : { alpha, delta: known.delta }
}
