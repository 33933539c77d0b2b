import type { Random } from '../kernel/random.ts'
import type { CallMode, Replica } from './replica.ts'

/** Latencies this close to each other are taken for equal, so that noise decides nothing. */
const clearlyQuicker = 0.75
/** Below this many milliseconds, too. */
const noiseMs = 2

/** A failing replica counts as up to this many times as loaded. */
const penaltyOfFailure = 4

/**
 * Power of two choices: draws two by weight and takes the one with less to do, by calls under way
 * and latency (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
 * Undefined for an empty list.
 */
export function chooseReplica(
  replicas: readonly Replica[],
  mode: CallMode,
  { random, nowMs }: { readonly random: Random; readonly nowMs: number },
): Replica | undefined {
  if (replicas.length < 2) return replicas[0]
  const first = drawByWeight(replicas, undefined, random)
  const second = drawByWeight(replicas, first, random)
  const alike = areAlike(first.latencyMs(mode, nowMs), second.latencyMs(mode, nowMs))
  const loadOf = (replica: Replica): number => {
    const queue = replica.outstanding / replica.weight + 1
    const penalty = 1 + penaltyOfFailure * replica.failureShare(nowMs)
    return queue * penalty * (alike ? 1 : (replica.latencyMs(mode, nowMs) ?? 1))
  }
  // Equal loads leave it at the first draw, so that the weights decide.
  return loadOf(second) < loadOf(first) ? second : first
}

/** Nobody is preferred for what was not measured yet. */
function areAlike(left: number | null, right: number | null): boolean {
  if (left === null || right === null) return true
  return Math.min(left, right) + noiseMs >= (Math.max(left, right) + noiseMs) * clearlyQuicker
}

function drawByWeight(
  replicas: readonly Replica[],
  without: Replica | undefined,
  random: Random,
): Replica {
  let total = 0
  for (const replica of replicas) if (replica !== without) total += replica.weight
  let rest = random() * total
  let last: Replica | undefined
  for (const replica of replicas) {
    if (replica === without) continue
    last = replica
    rest -= replica.weight
    if (rest < 0) return replica
  }
  if (last === undefined) throw new RangeError('drawByWeight needs at least one replica')
  return last
}
