import { denseFeatureNames, hashedFeatureCount } from './features.ts'
import type { TaskFeatures } from './features.ts'

export type ResidualModelSnapshot = {
  /** Triples of feature, weight and sum of squared gradients, flattened. */
  readonly entries: readonly number[]
}

export type Contribution = {
  readonly word: string
  /** Added to the log-odds that the local answer is not good enough. */
  readonly logOdds: number
}

const featureCount = hashedFeatureCount + denseFeatureNames.length
const learningRate = 0.25
const decay = 0.002

/**
 * Logistic regression with AdaGrad (Duchi et al., 2011) on top of a given offset: it learns what
 * sets the tasks of one kind apart from each other, and nothing while the kind's rate says it all.
 */
export class ResidualModel {
  readonly #weights = new Float64Array(featureCount)
  readonly #squares = new Float64Array(featureCount)

  /** Log-odds to add to the offset. */
  logOdds(features: TaskFeatures): number {
    let sum = 0
    for (const [at, index] of features.indices.entries()) {
      sum += (this.#weights[index] ?? 0) * (features.values[at] ?? 0)
    }
    for (const [at, value] of features.dense.entries()) {
      sum += (this.#weights[hashedFeatureCount + at] ?? 0) * value
    }
    return sum
  }

  /** `error` is prediction minus truth, times the label's weight. */
  learn(features: TaskFeatures, error: number): void {
    for (const [at, index] of features.indices.entries()) {
      this.#step(index, error * (features.values[at] ?? 0))
    }
    for (const [at, value] of features.dense.entries()) {
      this.#step(hashedFeatureCount + at, error * value * 0.3)
    }
  }

  #step(index: number, gradient: number): void {
    const weight = this.#weights[index] ?? 0
    const slope = gradient + decay * weight
    const squares = (this.#squares[index] ?? 0) + slope * slope
    this.#squares[index] = squares
    this.#weights[index] = weight - (learningRate * slope) / (0.1 + Math.sqrt(squares))
  }

  /** The largest contributions, as words. */
  contributions(features: TaskFeatures, count: number): readonly Contribution[] {
    const all: Contribution[] = []
    for (const [at, index] of features.indices.entries()) {
      const logOdds = (this.#weights[index] ?? 0) * (features.values[at] ?? 0)
      if (Math.abs(logOdds) > 0.02) all.push({ word: features.words[at] ?? '', logOdds })
    }
    for (const [at, value] of features.dense.entries()) {
      const logOdds = (this.#weights[hashedFeatureCount + at] ?? 0) * value
      if (Math.abs(logOdds) > 0.02) all.push({ word: denseFeatureNames[at] ?? '', logOdds })
    }
    return all
      .toSorted((left, right) => Math.abs(right.logOdds) - Math.abs(left.logOdds))
      .slice(0, count)
  }

  snapshot(): ResidualModelSnapshot {
    const entries: number[] = []
    for (const [index, weight] of this.#weights.entries()) {
      const squares = this.#squares[index] ?? 0
      if (squares > 0) entries.push(index, weight, squares)
    }
    return { entries }
  }

  static restore(snapshot: ResidualModelSnapshot): ResidualModel {
    const model = new ResidualModel()
    for (let at = 0; at + 2 < snapshot.entries.length; at += 3) {
      const index = snapshot.entries[at] ?? 0
      model.#weights[index] = snapshot.entries[at + 1] ?? 0
      model.#squares[index] = snapshot.entries[at + 2] ?? 0
    }
    return model
  }
}
