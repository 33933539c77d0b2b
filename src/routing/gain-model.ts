import { blendContributions, blendParts, blendScore, fitBlend } from './blend.ts'
import type { Blend } from './blend.ts'
import { crossFit } from './cross-fit.ts'
import { DenseRidge } from './dense-ridge.ts'
import type { DenseRidgeState } from './dense-ridge.ts'
import { bestRanking } from './gain-area.ts'
import { fitLevel2, level2Contributions, level2From, level2Score, level2State } from './level-2.ts'
import type { Level2, Level2State } from './level-2.ts'
import { IsotonicMap } from './isotonic.ts'
import type { IsotonicSnapshot } from './isotonic.ts'
import { folds, stack, wordsOf } from './stacked-words.ts'
import { answerModelNames, TextModels, textModelNames } from './text-models.ts'
import type { TextModelsState } from './text-models.ts'
import { structureNames } from './text-profile.ts'
import type { TextProfile } from './text-profile.ts'
import { unlearntScore, unlearntScoreFor } from './unlearnt-score.ts'
import type { UnlearntScore } from './unlearnt-score.ts'
import { WordWeights } from './word-weights.ts'
import type { WordWeightsState } from './word-weights.ts'

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

/** From so many labels on, words and trees are tried as well as structure. */
const labelsForWords = 50
/**
 * Below so many labels the mean of words and what needs no labels is believed until something ranks
 * better by more than chance; from then on, what ranks best is, and structure alone is not tried.
 */
const labelsForMore = 400

export type GainModelState = {
  readonly labels: number
  readonly choice: Choice
  readonly unlearnt: UnlearntScore
  readonly crossFitted: readonly CrossFittedScore[]
  readonly words: WordWeightsState
  readonly texts: TextModelsState | null
  readonly level2: Level2State | null
  readonly blend: Blend | null
  readonly structure: DenseRidgeState | null
  readonly names: readonly string[]
  readonly calibration: IsotonicSnapshot
}

type Candidate = { readonly choice: Choice; readonly scores: Float64Array }
type Choice =
  | 'words and structure'
  | `mean with ${UnlearntScore['name']}`
  | 'structure'
  | UnlearntScore['name']

/**
 * P(frontier right) − P(local right) of a task. Words give ridge regressions and neighbours; their
 * predictions for tasks that they had not learnt from are, with the structure of the text and the
 * signals of the answer, the features of a linear model and of boosted trees (stacking; Wolpert,
 * 1992). Few labels teach the stack little, so a mean of words and length, or of words and how sure the
 * model was of its answer, is a candidate, too: it has no weights to learn. So are structure alone, and
 * length or sureness alone: the one is used that ranked best.
 */
export class GainModel {
  readonly labels: number
  readonly choice: Choice
  /** Of the labels, in their order. */
  readonly crossFitted: readonly CrossFittedScore[]
  readonly #unlearnt: UnlearntScore
  readonly #words: WordWeights
  readonly #texts: TextModels | null
  readonly #level2: Level2 | null
  readonly #blend: Blend | null
  readonly #structure: DenseRidge | null
  readonly #names: readonly string[]
  readonly #calibration: IsotonicMap

  constructor(state: GainModelState) {
    const { texts, level2, structure } = state
    this.labels = state.labels
    this.choice = state.choice
    this.crossFitted = state.crossFitted
    this.#unlearnt = state.unlearnt
    this.#words = new WordWeights(state.words)
    this.#texts = texts === null ? null : new TextModels(texts)
    this.#level2 = level2 === null ? null : level2From(level2)
    this.#blend = state.blend
    this.#structure = structure === null ? null : new DenseRidge(structure)
    this.#names = state.names
    this.#calibration = new IsotonicMap(state.calibration)
  }

  static fit(labels: readonly GainLabel[], options: GainModelOptions): GainModel {
    const gains = Float64Array.from(labels, gainOf)
    const hasAnswers = labels.length > 0 && labels.every(({ answer }) => answer !== null)
    const weights = WordWeights.fit(textsOf(labels, options.background))
    const plain = labels.map(plainFeatures)
    const unlearnt = unlearntScoreFor(labels, options.signalNames)
    const isEnough = labels.length >= labelsForWords
    const stacked = isEnough ? stack(weights, labels, plain, gains) : null
    const level2 = stacked === null ? null : fitLevel2(stacked.rows, gains)
    const structure = labels.length >= 2 * folds ? DenseRidge.fit(plain, gains) : null

    const candidates: Candidate[] = [
      {
        choice: unlearnt.name,
        scores: Float64Array.from(plain, (row) => unlearntScore(unlearnt, row)),
      },
    ]
    if (structure !== null && labels.length < labelsForMore) {
      const scores = crossFit(folds, plain, gains, (...parts) => DenseRidge.fit(...parts))
      candidates.push({ choice: 'structure', scores })
    }
    let blend: Blend | null = null
    if (stacked !== null) {
      const { rows } = stacked
      const scores = crossFit(folds, rows, gains, (some, targets) => {
        const ofFold = fitLevel2(some, targets)
        return { predict: (row) => level2Score(ofFold, row) }
      })
      candidates.push({ choice: 'words and structure', scores })
      const isFew = labels.length < labelsForMore
      const parts = rows.map((row, at) =>
        blendParts({ learnt: scores[at], row, unlearnt: candidates[0]?.scores[at], isFew }),
      )
      const fitted = (blend = fitBlend(parts))
      const blended = Float64Array.from(parts, (part) => blendScore(fitted, part))
      const first = { choice: `mean with ${unlearnt.name}`, scores: blended } as const
      candidates.splice(isFew ? 0 : candidates.length, 0, first)
    }
    const best = bestRanking(candidates, gains, labels.length < labelsForMore ? 2 : 0)
    return new GainModel({
      labels: labels.length,
      choice: best.choice,
      unlearnt,
      crossFitted: labels.map((label, at) => ({
        score: best.scores[at] ?? Number.NaN,
        gain: gains[at] ?? 0,
        loss: label.frontierRight && !label.localRight,
      })),
      words: weights.state(),
      texts: stacked?.texts.state() ?? null,
      level2: level2 === null ? null : level2State(level2),
      blend,
      structure: structure?.state() ?? null,
      names: [
        ...(stacked === null ? [] : textModelNames),
        ...(stacked === null || !hasAnswers ? [] : answerModelNames),
        ...structureNames,
        ...options.signalNames,
      ],
      calibration: IsotonicMap.fit(best.scores, gains).snapshot(),
    })
  }

  /** All that it is, as plain data that can be sent to another thread. */
  state(): GainModelState {
    return {
      labels: this.labels,
      choice: this.choice,
      unlearnt: this.#unlearnt,
      crossFitted: this.crossFitted,
      words: this.#words.state(),
      texts: this.#texts?.state() ?? null,
      level2: this.#level2 === null ? null : level2State(this.#level2),
      blend: this.#blend,
      structure: this.#structure?.state() ?? null,
      names: this.#names,
      calibration: this.#calibration.snapshot(),
    }
  }

  /** Rises with the expected gain of the frontier; NaN when a feature is no number. */
  score(task: GainTask): number {
    switch (this.choice) {
      case 'length':
      case 'sureness':
        return unlearntScore(this.#unlearnt, plainFeatures(task))
      case 'structure':
        return this.#structure?.predict(plainFeatures(task)) ?? Number.NaN
      case 'words and structure':
      case 'mean with length':
      case 'mean with sureness':
        return this.#learntScore(task, plainFeatures(task))
    }
  }

  /** The calibrated gain in [-1, 1] that such scores had; NaN without labels. */
  gainAt(score: number): number {
    return this.#calibration.valueAt(score)
  }

  /** What moved the score most, largest first. */
  explain(task: GainTask, count: number): readonly GainContribution[] {
    const plain = plainFeatures(task)
    const { name } = this.#unlearnt
    if (this.choice === name || this.#structure === null) return [{ name, gain: 0 }]
    const skipped = this.#names.length - plain.length
    const isLearnt = this.choice !== 'structure' && this.#level2 !== null
    const gains = isLearnt
      ? this.#learntContributions(this.#level2, plain, this.#features(task, plain))
      : Array.from(plain, (_, place) => this.#structure?.contribution(plain, place) ?? 0)
    const names = this.choice === 'structure' ? this.#names.slice(skipped) : this.#names
    return gains
      .map((gain, place) => ({ name: names[place] ?? '', gain }))
      .toSorted((left, right) => Math.abs(right.gain) - Math.abs(left.gain))
      .slice(0, count)
  }

  #learntScore(task: GainTask, plain: Float32Array): number {
    if (this.#level2 === null) return Number.NaN
    const row = this.#features(task, plain)
    const learnt = level2Score(this.#level2, row)
    const isPlain = this.choice === 'words and structure' || this.#blend === null
    if (isPlain || Number.isNaN(learnt)) return learnt
    return blendScore(this.#blend, this.#parts(learnt, row, plain))
  }

  #learntContributions(level2: Level2, plain: Float32Array, row: Float32Array): readonly number[] {
    const learnt = level2Contributions(level2, row)
    if (this.choice === 'words and structure' || this.#blend === null) return learnt
    const parts = this.#parts(level2Score(level2, row), row, plain)
    const unlearntAt = row.length - plain.length + this.#unlearnt.at
    return blendContributions(this.#blend, parts, learnt, unlearntAt)
  }

  #parts(learnt: number, row: Float32Array, plain: Float32Array): readonly number[] {
    const unlearnt = unlearntScore(this.#unlearnt, plain)
    return blendParts({ learnt, row, unlearnt, isFew: this.labels < labelsForMore })
  }

  #features(task: GainTask, plain: Float32Array): Float32Array {
    const predictions = this.#texts?.predictions(wordsOf(this.#words, task)) ?? []
    return Float32Array.from([...predictions, ...plain])
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
