import type { CustomBatchingPrioritizationStrategy, PrioritizedBatchItem } from 'node-llama-cpp'
import type { BatchCounts, Batching } from './protocol.ts'

type Strategy = CustomBatchingPrioritizationStrategy
type Items = Parameters<Strategy>[0]['items']

export type InferenceBatches = {
  /** What goes into the next batch, of all that waits; asked once for each batch. */
  readonly choose: Strategy
  counts(): BatchCounts
}

/**
 * `deterministic` puts one sequence into a batch: llama.cpp adds up in another order when sequences
 * share one, so that an answer would depend on what else runs. `throughput` puts in all that wait, so
 * that the size of a batch follows the load.
 */
export function createInferenceBatches(batching: Batching): InferenceBatches {
  const counts = { batches: 0, sequences: 0, tokens: 0 }
  const choose: Strategy = ({ items, size }) => {
    const chosen = batching === 'deterministic' ? oneOf(items, size) : allOf(items, size)
    counts.batches += 1
    counts.sequences += chosen.length
    counts.tokens += chosen.reduce((sum, { processAmount }) => sum + processAmount, 0)
    return chosen
  }
  return { choose, counts: () => ({ ...counts }) }
}

function oneOf(items: Items, size: number): PrioritizedBatchItem[] {
  const [item] = items
  if (item === undefined) return []
  return [{ item, processAmount: Math.min(size, item.tokens.length) }]
}

/** Answers under way first, a token each; prompts fill what is left, in the order they came. */
function allOf(items: Items, size: number): PrioritizedBatchItem[] {
  const answers = items.filter(({ tokens }) => tokens.length === 1)
  const prompts = items.filter(({ tokens }) => tokens.length !== 1)
  const chosen: PrioritizedBatchItem[] = []
  let left = size
  for (const item of [...answers, ...prompts]) {
    const processAmount = Math.min(left, item.tokens.length)
    if (processAmount === 0) break
    left -= processAmount
    chosen.push({ item, processAmount })
  }
  return chosen
}
