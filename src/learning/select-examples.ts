import type { Example } from '../kernel/dataset.ts'
import type { Random } from '../kernel/random.ts'
import { fingerprintOf } from './held-out.ts'
import type { DatasetSettings } from './learning-settings.ts'

/**
 * The newest examples of every kind that has new ones, balanced over the kinds, and a share of
 * older examples of the others: without that replay, what is not trained is forgotten.
 */
export function selectExamples(
  examples: readonly Example[],
  options: {
    readonly freshSinceMs: number
    readonly settings: DatasetSettings
    readonly random: Random
  },
): readonly Example[] {
  const { freshSinceMs, settings, random } = options
  const kinds = Map.groupBy(newestOfEachTask(examples), ({ kind }) => kind)
  const isFresh = ({ createdAtMs }: Example): boolean => createdAtMs > freshSinceMs
  const freshKinds = [...kinds.values()].filter((ofKind) => ofKind.some(isFresh))
  const trained = takeInTurns(
    freshKinds.map((ofKind) => ofKind.slice(0, settings.maxPerKind)),
    Math.floor(settings.maxExamples * (1 - settings.replayShare)),
  )
  const taken = new Set(trained)
  const older = [...kinds.values()]
    .map((ofKind) =>
      shuffle(
        ofKind.filter((one) => !isFresh(one) && !taken.has(one)),
        random,
      ),
    )
    .toSorted((left, right) => countOfKind(trained, left) - countOfKind(trained, right))
  const replayed = Math.round((trained.length * settings.replayShare) / (1 - settings.replayShare))
  return [...trained, ...takeInTurns(older, replayed)]
}

function newestOfEachTask(examples: readonly Example[]): readonly Example[] {
  const newestFirst = examples.toSorted((left, right) => right.createdAtMs - left.createdAtMs)
  const byTask = new Map<string, Example>()
  for (const example of newestFirst) {
    const fingerprint = fingerprintOf(example.agent, example.messages)
    if (!byTask.has(fingerprint)) byTask.set(fingerprint, example)
  }
  return [...byTask.values()]
}

/** One of each list after the other, so that no kind crowds out another. */
function takeInTurns<T>(lists: readonly (readonly T[])[], count: number): readonly T[] {
  const taken: T[] = []
  const longest = Math.max(0, ...lists.map((list) => list.length))
  for (let turn = 0; turn < longest; turn += 1) {
    for (const list of lists) {
      const item = list[turn]
      if (item !== undefined && taken.length < count) taken.push(item)
    }
  }
  return taken
}

function countOfKind(trained: readonly Example[], ofKind: readonly Example[]): number {
  const kind = ofKind[0]?.kind
  return trained.filter((example) => example.kind === kind).length
}

function shuffle<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ item }) => item)
}
