import { NearestTasks } from './nearest-tasks.ts'
import type { NearestTasksState } from './nearest-tasks.ts'
import { fitRidge, productOf } from './ridge.ts'
import type { RidgeWeights, SparseRow } from './ridge.ts'
import { wordBuckets } from './text-profile.ts'

/** The words of one example, weighted. */
export type ExampleWords = { readonly request: SparseRow; readonly answer: SparseRow | null }

const penalty = 10
const neighbours = 100
/** Alike tasks are looked for among so many of the newest: this bounds memory and time. */
const rememberedTasks = 8192

export const textModelNames = [
  'words of the request',
  'weakness at such words',
  'alike tasks',
] as const
export const answerModelNames = ['words of the answer', 'weakness at such answers'] as const

export type TextModelsState = {
  readonly models: readonly { readonly of: 'request' | 'answer'; readonly ridge: RidgeWeights }[]
  readonly nearest: NearestTasksState
  readonly meanGain: number
}

/** What words alone let expect: of the request, and of the local answer where there is one. */
export class TextModels {
  readonly #models: TextModelsState['models']
  readonly #nearest: NearestTasks
  readonly #meanGain: number

  constructor({ models, nearest, meanGain }: TextModelsState) {
    this.#models = models
    this.#nearest = new NearestTasks(nearest)
    this.#meanGain = meanGain
  }

  static fit(
    words: readonly ExampleWords[],
    gains: ArrayLike<number>,
    localRight: ArrayLike<number>,
  ): TextModels {
    const requests = words.map(({ request }) => request)
    const answers = words.map(({ answer }) => answer).filter((answer) => answer !== null)
    const ridgeOf = (rows: readonly SparseRow[], targets: ArrayLike<number>): RidgeWeights =>
      fitRidge(rows, targets, { penalty, width: wordBuckets })
    const ofRequest = [gains, localRight].map((targets) => ({
      of: 'request' as const,
      ridge: ridgeOf(requests, targets),
    }))
    const ofAnswer =
      answers.length < words.length || words.length === 0
        ? []
        : [gains, localRight].map((targets) => ({
            of: 'answer' as const,
            ridge: ridgeOf(answers, targets),
          }))
    const newest = Math.max(0, requests.length - rememberedTasks)
    const kept = Array.from(gains).slice(newest)
    return new TextModels({
      models: [...ofRequest, ...ofAnswer],
      nearest: NearestTasks.fit(requests.slice(newest), kept, neighbours).state(),
      meanGain: kept.reduce((sum, gain) => sum + gain, 0) / Math.max(1, kept.length),
    })
  }

  state(): TextModelsState {
    return { models: this.#models, nearest: this.#nearest.state(), meanGain: this.#meanGain }
  }

  /** In the order of `textModelNames`, then `answerModelNames` where answers were learnt from. */
  predictions(words: ExampleWords): readonly number[] {
    const values = this.#models.map(({ of, ridge }) => {
      const row = of === 'request' ? words.request : words.answer
      return row === null ? Number.NaN : ridge.intercept + productOf(row, ridge.weights)
    })
    const near = this.#nearest.outcomeNear(words.request, this.#meanGain)
    return [...values.slice(0, 2), near, ...values.slice(2)]
  }
}
