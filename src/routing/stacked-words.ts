import { TextModels } from './text-models.ts'
import type { ExampleWords } from './text-models.ts'
import type { TextProfile } from './text-profile.ts'
import type { WordWeights } from './word-weights.ts'

type StackedLabel = {
  readonly request: TextProfile
  readonly answer: TextProfile | null
  readonly localRight: boolean
}

export const folds = 4

/** Level 1: every label is predicted by text models that had not learnt from it. */
export function stack(
  weights: WordWeights,
  labels: readonly StackedLabel[],
  plain: readonly Float32Array[],
  gains: Float64Array,
): { texts: TextModels; rows: readonly Float32Array[] } {
  const words = labels.map((label) => wordsOf(weights, label))
  const right = Float64Array.from(labels, ({ localRight }) => (localRight ? 1 : 0))
  const predictions: (readonly number[])[] = []
  for (let fold = 0; fold < folds; fold += 1) {
    const kept = labels.map((_, at) => at).filter((at) => at % folds !== fold)
    const texts = TextModels.fit(
      kept.flatMap((at) => words[at] ?? []),
      kept.map((at) => gains[at] ?? 0),
      kept.map((at) => right[at] ?? 0),
    )
    for (const [at, one] of words.entries()) {
      if (at % folds === fold) predictions[at] = texts.predictions(one)
    }
  }
  return {
    texts: TextModels.fit(words, gains, right),
    rows: plain.map((row, at) => Float32Array.from([...(predictions[at] ?? []), ...row])),
  }
}

export function wordsOf(
  weights: WordWeights,
  { request, answer }: Pick<StackedLabel, 'request' | 'answer'>,
): ExampleWords {
  const ofAnswer = answer === null ? null : weights.rowOf(answer)
  return { request: weights.rowOf(request), answer: ofAnswer }
}
