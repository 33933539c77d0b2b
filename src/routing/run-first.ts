export type RunFirst = {
  /** What the local run is expected to take until its answer can be judged. */
  readonly localLatencyMs: number
  /** The operator's bound; 0 turns the cascade off. */
  readonly maxAddedLatencyMs: number
  /** What the frontier is expected to cost for this task, over what it costs on average; 1 if unknown. */
  readonly relativeCost: number
}

/**
 * The least chance of staying local at which it pays to ask the local model first and to judge its
 * answer; null where that must not be done, because the wait could be longer than the bound.
 *
 * With a chance q the frontier's cost is saved, with 1 − q the local run was waited for in vain. The
 * bound says what time is worth: so much waiting for one average frontier call. It pays when
 * q · cost ≥ (1 − q) · latency / bound.
 */
export function leastStayChance(options: RunFirst): number | null {
  const { localLatencyMs, maxAddedLatencyMs, relativeCost } = options
  if (!(maxAddedLatencyMs > 0 && localLatencyMs <= maxAddedLatencyMs)) return null
  const wait = Math.max(0, localLatencyMs) / maxAddedLatencyMs
  const cost = relativeCost > 0 && Number.isFinite(relativeCost) ? relativeCost : 1
  return wait / (wait + cost)
}
