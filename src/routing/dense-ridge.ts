import { fitRidge } from './ridge.ts'

const penalty = 250
const mostDeviations = 3

export type DenseRidgeState = {
  readonly means: Float64Array
  readonly scales: Float64Array
  readonly weights: Float32Array
  readonly intercept: number
}

/** Ridge regression on a few dense features, each standardised and clipped at three deviations. */
export class DenseRidge {
  readonly #means: Float64Array
  readonly #scales: Float64Array
  readonly #weights: Float32Array
  readonly #intercept: number

  constructor(state: DenseRidgeState) {
    this.#means = state.means
    this.#scales = state.scales
    this.#weights = state.weights
    this.#intercept = state.intercept
  }

  state(): DenseRidgeState {
    return {
      means: this.#means,
      scales: this.#scales,
      weights: this.#weights,
      intercept: this.#intercept,
    }
  }

  static fit(rows: readonly Float32Array[], targets: ArrayLike<number>): DenseRidge {
    const width = rows[0]?.length ?? 0
    const means = new Float64Array(width)
    const scales = new Float64Array(width)
    for (let feature = 0; feature < width; feature += 1) {
      let sum = 0
      let squares = 0
      for (const row of rows) sum += row[feature] ?? 0
      const mean = sum / rows.length
      for (const row of rows) squares += ((row[feature] ?? 0) - mean) ** 2
      means[feature] = mean
      scales[feature] = Math.sqrt(squares / rows.length) + 1e-6
    }
    const indices = Uint32Array.from(means.keys())
    const standard = rows.map((row) => ({
      indices,
      values: Float32Array.from(row, (value, at) =>
        standardised(value, means[at] ?? 0, scales[at] ?? 1),
      ),
    }))
    return new DenseRidge({ means, scales, ...fitRidge(standard, targets, { penalty, width }) })
  }

  predict(row: ArrayLike<number>): number {
    let sum = this.#intercept
    for (let at = 0; at < this.#means.length; at += 1) sum += this.contribution(row, at)
    return sum
  }

  /** What one feature adds to the prediction of a mean row. */
  contribution(row: ArrayLike<number>, at: number): number {
    const value = standardised(row[at] ?? 0, this.#means[at] ?? 0, this.#scales[at] ?? 1)
    return (this.#weights[at] ?? 0) * value
  }
}

function standardised(value: number, mean: number, scale: number): number {
  return Math.max(-mostDeviations, Math.min(mostDeviations, (value - mean) / scale))
}
