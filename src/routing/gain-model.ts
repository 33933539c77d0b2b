import { BoostedTrees } from './boosted-trees.ts'
import { DenseRidge } from './dense-ridge.ts'
import { bestRanking } from './gain-area.ts'
import { IsotonicMap } from './isotonic.ts'
import { answerModelNames, TextModels, textModelNames } from './text-models.ts'
import type { ExampleWords } from './text-models.ts'
import { structureNames } from './text-profile.ts'
import type { TextProfile } from './text-profile.ts'
import { WordWeights } from './word-weights.ts'

/** What is known of a task when it is to be routed. */
export type GainTask = {
  readonly request: TextProfile
  /** The local answer, once there is one; null before the run. */
  readonly answer: TextProfile | null
  /** Of the local answer, in a fixed order; empty before the run. */
  readonly signals: Float32Array
}

export type GainLabel = GainTask & {
  readonly localRight: boolean
  readonly frontierRight: boolean
}

export type GainContribution = { readonly name: string; readonly gain: number }

/** A past task with a score by a model that had not learnt from it. */
export type CrossFittedScore = {
  readonly score: number
  readonly gain: number
  readonly loss: boolean
}

export type GainModelOptions = {
  /** In the order of `GainTask.signals`. */
  readonly signalNames: readonly string[]
  /** Texts without a label: they tell which words are common. */
  readonly background?: Iterable<TextProfile>
}

const folds = 4
/** From so many labels on, words and trees are tried as well as structure. */
const labelsForWords = 60
/** From so many labels on, structure alone is not tried any more, and what ranks better is believed. */
const labelsForMore = 400

type Level2 = { readonly ridge: DenseRidge; readonly trees: BoostedTrees }
type Candidate = { readonly choice: Choice; readonly scores: Float64Array }
type Choice = 'words and structure' | 'structure' | 'length'

/**
 * P(frontier right) − P(local right) of a task. Words give ridge regressions and neighbours; their
 * predictions for tasks that they had not learnt from are, with the structure of the text and the
 * signals of the answer, the features of a linear model and of boosted trees (stacking; Wolpert,
 * 1992). Among this, structure alone and length alone, the one is used that ranked such tasks best.
 */
export class GainModel {
  readonly labels: number
  readonly choice: Choice
  /** Of the labels, in their order. */
  readonly crossFitted: readonly CrossFittedScore[]
  readonly #words: WordWeights
  readonly #texts: TextModels | null
  readonly #level2: Level2 | null
  readonly #structure: DenseRidge | null
  readonly #names: readonly string[]
  readonly #calibration: IsotonicMap

  constructor(labels: readonly GainLabel[], options: GainModelOptions) {
    const gains = Float64Array.from(labels, gainOf)
    const hasAnswers = labels.length > 0 && labels.every(({ answer }) => answer !== null)
    this.labels = labels.length
    this.#words = new WordWeights(textsOf(labels, options.background))
    const plain = labels.map(plainFeatures)
    const isEnough = labels.length >= labelsForWords
    const stacked = isEnough ? this.#stack(labels, plain, gains) : null
    this.#texts = stacked?.texts ?? null
    this.#level2 = stacked === null ? null : fitLevel2(stacked.rows, gains)
    this.#structure = labels.length >= 2 * folds ? DenseRidge.fit(plain, gains) : null
    this.#names = [
      ...(stacked === null ? [] : textModelNames),
      ...(stacked === null || !hasAnswers ? [] : answerModelNames),
      ...structureNames,
      ...options.signalNames,
    ]

    const candidates: Candidate[] = [
      { choice: 'length', scores: Float64Array.from(labels, lengthScore) },
    ]
    if (this.#structure !== null && labels.length < labelsForMore) {
      const scores = crossFit(plain, gains, (...parts) => DenseRidge.fit(...parts))
      candidates.push({ choice: 'structure', scores })
    }
    if (stacked !== null) {
      const scores = crossFit(stacked.rows, gains, (rows, targets) => {
        const level2 = fitLevel2(rows, targets)
        return { predict: (row) => level2Score(level2, row) }
      })
      candidates.push({ choice: 'words and structure', scores })
    }
    const best = bestRanking(candidates, gains, labels.length < labelsForMore ? 1 : 0)
    this.choice = best.choice
    this.#calibration = IsotonicMap.fit(best.scores, gains)
    this.crossFitted = labels.map((label, at) => ({
      score: best.scores[at] ?? Number.NaN,
      gain: gains[at] ?? 0,
      loss: label.frontierRight && !label.localRight,
    }))
  }

  /** Rises with the expected gain of the frontier; NaN when a feature is no number. */
  score(task: GainTask): number {
    switch (this.choice) {
      case 'length':
        return lengthScore(task)
      case 'structure':
        return this.#structure?.predict(plainFeatures(task)) ?? Number.NaN
      case 'words and structure':
        return this.#level2 === null
          ? Number.NaN
          : level2Score(this.#level2, this.#features(task, plainFeatures(task)))
    }
  }

  /** The calibrated gain in [-1, 1] that such scores had; NaN without labels. */
  gainAt(score: number): number {
    return this.#calibration.valueAt(score)
  }

  /** What moved the score most, largest first. */
  explain(task: GainTask, count: number): readonly GainContribution[] {
    const plain = plainFeatures(task)
    if (this.choice === 'length' || this.#structure === null) return [{ name: 'length', gain: 0 }]
    const skipped = this.#names.length - plain.length
    const gains =
      this.choice === 'words and structure' && this.#level2 !== null
        ? level2Contributions(this.#level2, this.#features(task, plain))
        : Array.from(plain, (_, at) => this.#structure?.contribution(plain, at) ?? 0)
    const names = this.choice === 'structure' ? this.#names.slice(skipped) : this.#names
    return gains
      .map((gain, at) => ({ name: names[at] ?? '', gain }))
      .toSorted((left, right) => Math.abs(right.gain) - Math.abs(left.gain))
      .slice(0, count)
  }

  /** Level 1: every label is predicted by text models that had not learnt from it. */
  #stack(
    labels: readonly GainLabel[],
    plain: readonly Float32Array[],
    gains: Float64Array,
  ): { texts: TextModels; rows: readonly Float32Array[] } {
    const words = labels.map((label) => this.#wordsOf(label))
    const right = Float64Array.from(labels, ({ localRight }) => (localRight ? 1 : 0))
    const predictions: (readonly number[])[] = []
    for (let fold = 0; fold < folds; fold += 1) {
      const kept = labels.map((_, at) => at).filter((at) => at % folds !== fold)
      const texts = new TextModels(
        kept.flatMap((at) => words[at] ?? []),
        kept.map((at) => gains[at] ?? 0),
        kept.map((at) => right[at] ?? 0),
      )
      for (const [at, one] of words.entries()) {
        if (at % folds === fold) predictions[at] = texts.predictions(one)
      }
    }
    return {
      texts: new TextModels(words, gains, right),
      rows: plain.map((row, at) => Float32Array.from([...(predictions[at] ?? []), ...row])),
    }
  }

  #features(task: GainTask, plain: Float32Array): Float32Array {
    const predictions = this.#texts?.predictions(this.#wordsOf(task)) ?? []
    return Float32Array.from([...predictions, ...plain])
  }

  #wordsOf({ request, answer }: GainTask): ExampleWords {
    return {
      request: this.#words.rowOf(request),
      answer: answer === null ? null : this.#words.rowOf(answer),
    }
  }
}

function gainOf({ localRight, frontierRight }: GainLabel): number {
  return (frontierRight ? 1 : 0) - (localRight ? 1 : 0)
}

function plainFeatures({ request, signals }: GainTask): Float32Array {
  const row = new Float32Array(request.structure.length + signals.length)
  row.set(request.structure)
  row.set(signals, request.structure.length)
  return row
}

/** Longer requests are harder: what is assumed before anything is known. */
function lengthScore({ request }: GainTask): number {
  return request.structure[0] ?? Number.NaN
}

function fitLevel2(rows: readonly Float32Array[], targets: ArrayLike<number>): Level2 {
  const isMany = rows.length >= 3000
  return {
    ridge: DenseRidge.fit(rows, targets),
    trees: BoostedTrees.fit(rows, targets, {
      trees: isMany ? 150 : 80,
      depth: isMany ? 3 : 2,
      rate: 0.05,
      leastRows: Math.max(10, Math.min(30, Math.round(rows.length / 50))),
      shrinkage: 20,
    }),
  }
}

function level2Score({ ridge, trees }: Level2, row: ArrayLike<number>): number {
  return (ridge.predict(row) + trees.predict(row)) / 2
}

function level2Contributions({ ridge, trees }: Level2, row: Float32Array): readonly number[] {
  const ofTrees = trees.contributions(row, row.length)
  return Array.from(row, (_, at) => (ridge.contribution(row, at) + (ofTrees[at] ?? 0)) / 2)
}

function crossFit(
  rows: readonly Float32Array[],
  targets: Float64Array,
  fit: (
    rows: readonly Float32Array[],
    targets: ArrayLike<number>,
  ) => { predict(row: Float32Array): number },
): Float64Array {
  const scores = new Float64Array(rows.length)
  for (let fold = 0; fold < folds; fold += 1) {
    const isKept = (at: number): boolean => at % folds !== fold
    const model = fit(
      rows.filter((_, at) => isKept(at)),
      targets.filter((_, at) => isKept(at)),
    )
    for (const [at, row] of rows.entries()) if (!isKept(at)) scores[at] = model.predict(row)
  }
  return scores
}

function* textsOf(
  labels: readonly GainLabel[],
  background: Iterable<TextProfile> = [],
): Iterable<TextProfile> {
  yield* background
  for (const { request, answer } of labels) {
    yield request
    if (answer !== null) yield answer
  }
}
