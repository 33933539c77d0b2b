import { deriveSeed, seededRandom } from '../../src/kernel/random.ts'
import { answerSignalNames, answerSignals } from '../../src/routing/answer-signals.ts'
import { GainModel } from '../../src/routing/gain-model.ts'
import type { GainLabel } from '../../src/routing/gain-model.ts'
import { profileOf } from '../../src/routing/text-profile.ts'
import type { ScoredOutcome } from './metrics.ts'
import type { Outcome } from './outcomes.ts'

export type Stage = 'pre' | 'post'

/** Before the run: the request alone. After it: the local answer and the peers' as well. */
export function labelsOf(outcomes: readonly Outcome[], stage: Stage): readonly GainLabel[] {
  return outcomes.map(({ prompt, local, frontier, peers }) => {
    const { answer, confidence } = local
    const hasRun = stage === 'post' && answer !== null
    return {
      request: profileOf(prompt),
      answer: hasRun ? profileOf(answer) : null,
      signals: hasRun ? answerSignals({ prompt, answer, peers, confidence }) : new Float32Array(),
      localRight: local.correct,
      frontierRight: frontier.correct,
    }
  })
}

export function fitModel(
  labels: readonly GainLabel[],
  background: readonly GainLabel[] = [],
): GainModel {
  return GainModel.fit(labels, {
    signalNames: labels[0]?.signals.length === 0 ? [] : answerSignalNames,
    background: background.map(({ request }) => request),
  })
}

export type FoldResult = {
  readonly model: GainModel
  readonly training: readonly GainLabel[]
  readonly test: readonly GainLabel[]
}

export const folds = 5

/** Which fold a task is in, drawn with the seed; every fold is as large as the others. */
export function foldsOf(count: number, seed: number): readonly number[] {
  const random = seededRandom(deriveSeed(seed, 'folds'))
  const places = Array.from({ length: count }, (_, at) => ({ at, order: random() }))
  places.sort((left, right) => left.order - right.order)
  const fold = Array.from({ length: count }, () => 0)
  for (const [place, { at }] of places.entries()) fold[at] = place % folds
  return fold
}

/**
 * Every task is scored by a model that was fitted on other folds, from at most `budget` labels of
 * them; the texts of the others may be read without their labels. Scores are ranks within a fold, so
 * that folds can be put together.
 */
export function crossValidated(
  labels: readonly GainLabel[],
  options: {
    readonly seed: number
    readonly budget: number
    readonly onFold?: (fold: FoldResult) => void
  },
): readonly ScoredOutcome[] {
  const foldOf = foldsOf(labels.length, options.seed)
  const scored: ScoredOutcome[] = []
  for (let fold = 0; fold < folds; fold += 1) {
    const random = seededRandom(deriveSeed(options.seed, `training part ${fold}`))
    const others = inRandomOrder(
      labels.filter((_, at) => foldOf[at] !== fold),
      random,
    )
    const training = others.slice(0, options.budget)
    const test = labels.filter((_, at) => foldOf[at] === fold)
    const model = fitModel(training, others.slice(options.budget))
    options.onFold?.({ model, training, test })
    scored.push(...rankedWithin(test, (task) => model.score(task)))
  }
  return scored
}

/** Scores as ranks in [0, 1]. */
export function rankedWithin(
  labels: readonly GainLabel[],
  score: (task: GainLabel) => number,
): readonly ScoredOutcome[] {
  const scores = labels.map((label) => score(label))
  const sorted = Float64Array.from(scores).toSorted()
  const rankOf = new Map<number, number>()
  for (const [place, value] of sorted.entries()) rankOf.set(value, place / sorted.length)
  return labels.map(({ localRight, frontierRight }, at) => ({
    score: rankOf.get(scores[at] ?? 0) ?? 0,
    localRight,
    frontierRight,
  }))
}

export function inRandomOrder<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ item }) => item)
}
