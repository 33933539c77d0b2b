/** At most a share `alpha` of the locally served answers is a loss, but for a chance of `delta`. */
export type QualityTarget = { readonly alpha: number; readonly delta: number }

/** What the agent may spend in a UTC day, audits included. It bounds no quality. */
export type BudgetTarget = { readonly budgetUsdPerDay: number }

/** What the agent's answers may take on average. It bounds no quality. */
export type LatencyTarget = { readonly latencyMs: number }

/** The one thing that an operator says of an agent's routing; the village finds the thresholds. */
export type Target = QualityTarget | BudgetTarget | LatencyTarget

export const defaultTarget: QualityTarget = { alpha: 0.03, delta: 0.1 }

export function isQualityTarget(target: Target): target is QualityTarget {
  return 'alpha' in target
}

export function isSameTarget(one: Target | null, other: Target | null): boolean {
  const fields = Object.entries(one ?? {})
  const others = new Map(Object.entries(other ?? {}))
  return (
    fields.length === others.size && fields.every(([name, value]) => others.get(name) === value)
  )
}

/** Completes "the target is …", and says where it bounds no quality. */
export function targetInWords(target: Target): string {
  if (isQualityTarget(target)) {
    return `at most ${percent(target.alpha)} lost with ${percent(1 - target.delta)} confidence`
  }
  return 'budgetUsdPerDay' in target
    ? `at most $${target.budgetUsdPerDay} a day; quality is not bounded`
    : `${target.latencyMs} ms on average; quality is not bounded`
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`
}
