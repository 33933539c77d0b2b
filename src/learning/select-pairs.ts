import type { PreferencePair } from '../kernel/dataset.ts'
import { fingerprintOf } from './held-out.ts'
import type { DatasetSettings } from './learning-settings.ts'

/** A kind with fewer pairs than this does not count as one that is balanced. */
const fewestPerKind = 10
/** No kind has more than this many times the pairs of the smallest. */
const mostImbalance = 2

/**
 * On-policy pairs of kinds that the student can do, balanced over those kinds; null when there are
 * too few: a handful of unbalanced pairs breaks what was learnt.
 */
export function selectPairs(
  pairs: readonly PreferencePair[],
  options: {
    readonly checkpoint: string | null
    readonly doableKinds: ReadonlySet<string>
    readonly settings: DatasetSettings
  },
): readonly PreferencePair[] | null {
  const { checkpoint, doableKinds, settings } = options
  const usable = newestOfEachTask(
    pairs.filter((pair) => pair.checkpoint === checkpoint && doableKinds.has(pair.kind)),
  )
  const kinds = [...Map.groupBy(usable, ({ kind }) => kind).values()].filter(
    (ofKind) => ofKind.length >= fewestPerKind,
  )
  if (kinds.length === 0) return null
  if (kinds.length < Math.min(settings.minimumPairKinds, doableKinds.size)) return null
  const perKind = mostImbalance * Math.min(...kinds.map((ofKind) => ofKind.length))
  const balanced = kinds.flatMap((ofKind) => ofKind.slice(0, perKind))
  return balanced.length < settings.minimumPairs ? null : balanced
}

function newestOfEachTask(pairs: readonly PreferencePair[]): readonly PreferencePair[] {
  const byTask = new Map<string, PreferencePair>()
  for (const pair of pairs.toSorted((left, right) => left.createdAtMs - right.createdAtMs)) {
    byTask.set(fingerprintOf(pair.agent, pair.messages), pair)
  }
  return [...byTask.values()].toReversed()
}
