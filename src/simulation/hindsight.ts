/** A task that a certificate's scorer scored, with the truth that only the report knows. */
export type ScoredTask = {
  /** The agent and weights that the score is about: each has a threshold of its own. */
  readonly group: string
  /** Low is safe to serve locally. */
  readonly score: number
  /** The frontier would have been right and the local model was not. */
  readonly loss: boolean
  /** Served locally. */
  readonly local: boolean
  /** The share of local answers that may be a loss. */
  readonly alpha: number
}

export type Hindsight = {
  /** Tasks that had a score and a local answer; the shares are of these. */
  readonly scoredTasks: number
  readonly certifiedLocalShare: number
  /** What one threshold for each agent and its weights would have let stay, had the truth been known. */
  readonly bestFixedThresholdShare: number
  /** Of the local answers, those that were a loss; null where there were none. */
  readonly certifiedLoss: number | null
}

/** Null where no task had a score: under other policies, say. */
export function inHindsight(tasks: readonly ScoredTask[]): Hindsight | null {
  if (tasks.length === 0) return null
  const local = tasks.filter((task) => task.local)
  const best = [...Map.groupBy(tasks, ({ group }) => group).values()].map(mostWithinBound)
  return {
    scoredTasks: tasks.length,
    certifiedLocalShare: local.length / tasks.length,
    bestFixedThresholdShare: best.reduce((sum, count) => sum + count, 0) / tasks.length,
    certifiedLoss:
      local.length === 0 ? null : local.filter(({ loss }) => loss).length / local.length,
  }
}

/** So many tasks lie at or below the largest threshold under which at most α are a loss. */
function mostWithinBound(tasks: readonly ScoredTask[]): number {
  const sorted = tasks.toSorted((left, right) => left.score - right.score)
  let losses = 0
  let most = 0
  for (const [at, { score, loss, alpha }] of sorted.entries()) {
    losses += loss ? 1 : 0
    const isLastOfScore = sorted[at + 1]?.score !== score
    if (isLastOfScore && losses <= alpha * (at + 1)) most = at + 1
  }
  return most
}
