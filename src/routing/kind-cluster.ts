import { hashedFeatureCount } from './features.ts'
import type { TaskFeatures } from './features.ts'

export type KindClusterSnapshot = {
  readonly name: string
  readonly tasks: number
  readonly lastTask: number
  /** Pairs of bucket and mean presence, flattened. */
  readonly means: readonly number[]
  /** The single words of the first task, in order, with their buckets. */
  readonly firstWords: readonly (readonly [number, string])[]
}

const memoryTasks = 200
const smallestMean = 0.004
const maxFirstWords = 120
const labelWords = 5
const dullWords = new Set(
  'a an and are as at be by for from in is it its of on or that the this to was with you your'.split(
    ' ',
  ),
)

/** The running mean of the tasks of one kind. */
export class KindCluster {
  readonly name: string
  tasks = 0
  /** The number of the last task of the agent that joined. */
  lastTask = 0
  readonly #means = new Float32Array(hashedFeatureCount)
  readonly #firstWords: readonly (readonly [number, string])[]
  #length = 0

  constructor(name: string, first: Pick<TaskFeatures, 'indices' | 'words'> | null) {
    this.name = name
    this.#firstWords = first === null ? [] : firstWordsOf(first)
  }

  /** Weighted cosine between the task and this kind's mean. */
  similarityTo(features: TaskFeatures, weights: Float32Array): number {
    let product = 0
    let squares = 0
    // An index loop: this runs for every kind of an agent on every request.
    for (let at = 0; at < features.indices.length; at += 1) {
      const weight = weights[at] ?? 0
      const value = (features.emphasis[at] ?? 0) * weight
      squares += value * value
      product += value * weight * (this.#means[features.indices[at] ?? 0] ?? 0)
    }
    if (squares === 0 || this.#length === 0) return 0
    return product / (Math.sqrt(squares) * this.#length)
  }

  /** Weighted cosine between each of the others' means and this one's, in their order. */
  similaritiesTo(
    others: readonly KindCluster[],
    weightOf: (index: number) => number,
  ): readonly number[] {
    const indices: number[] = []
    const products: number[] = []
    for (let index = 0; index < hashedFeatureCount; index += 1) {
      const mean = this.#means[index] ?? 0
      if (mean === 0) continue
      indices.push(index)
      products.push(mean * weightOf(index) ** 2)
    }
    return others.map((other) => {
      const length = this.#length * other.#length
      if (length === 0) return 0
      const dot = indices.reduce(
        (sum, index, at) => sum + (products[at] ?? 0) * (other.#means[index] ?? 0),
        0,
      )
      return dot / length
    })
  }

  /** Takes in all tasks of the other kind. */
  absorb(other: KindCluster, weightOf: (index: number) => number): void {
    const own = Math.min(this.tasks, memoryTasks)
    const share = own / (own + Math.min(other.tasks, memoryTasks))
    for (let index = 0; index < hashedFeatureCount; index += 1) {
      const mean = share * (this.#means[index] ?? 0) + (1 - share) * (other.#means[index] ?? 0)
      this.#means[index] = mean < smallestMean ? 0 : mean
    }
    this.tasks += other.tasks
    this.lastTask = Math.max(this.lastTask, other.lastTask)
    this.measure(weightOf)
  }

  add(features: TaskFeatures, taskNumber: number, weightOf: (index: number) => number): void {
    this.tasks += 1
    this.lastTask = taskNumber
    const rate = 1 / Math.min(this.tasks, memoryTasks)
    for (let index = 0; index < hashedFeatureCount; index += 1) {
      const mean = this.#means[index] ?? 0
      if (mean > 0) this.#means[index] = mean < smallestMean ? 0 : mean * (1 - rate)
    }
    for (const [at, index] of features.indices.entries()) {
      this.#means[index] = (this.#means[index] ?? 0) + rate * (features.emphasis[at] ?? 0)
    }
    this.measure(weightOf)
  }

  /** Takes the mean's length anew; the weights of words move slowly, so once per joining task is enough. */
  measure(weightOf: (index: number) => number): void {
    let squares = 0
    for (let index = 0; index < hashedFeatureCount; index += 1) {
      const mean = this.#means[index] ?? 0
      if (mean === 0) continue
      const value = mean * weightOf(index)
      squares += value * value
    }
    this.#length = Math.sqrt(squares)
  }

  /** The words that most tasks of this kind share and other kinds do not, in reading order. */
  label(weightOf: (index: number) => number): string {
    const scored = this.#firstWords.map(([index, word], position) => ({
      word,
      position,
      score: (this.#means[index] ?? 0) ** 2 * weightOf(index),
    }))
    const best = scored
      .toSorted((left, right) => right.score - left.score || left.position - right.position)
      .slice(0, labelWords)
      .toSorted((left, right) => left.position - right.position)
    return best.map(({ word }) => word).join(' ')
  }

  snapshot(): KindClusterSnapshot {
    const means: number[] = []
    for (const [index, mean] of this.#means.entries()) {
      if (mean >= smallestMean) means.push(index, Number(mean.toPrecision(6)))
    }
    return {
      name: this.name,
      tasks: this.tasks,
      lastTask: this.lastTask,
      means,
      firstWords: this.#firstWords,
    }
  }

  static restore(snapshot: KindClusterSnapshot): KindCluster {
    const words = { indices: new Uint16Array(snapshot.firstWords.length), words: [] as string[] }
    for (const [at, [index, word]] of snapshot.firstWords.entries()) {
      words.indices[at] = index
      words.words.push(word)
    }
    const cluster = new KindCluster(snapshot.name, words)
    cluster.tasks = snapshot.tasks
    cluster.lastTask = snapshot.lastTask
    for (let at = 0; at + 1 < snapshot.means.length; at += 2) {
      cluster.#means[snapshot.means[at] ?? 0] = snapshot.means[at + 1] ?? 0
    }
    return cluster
  }
}

function firstWordsOf(
  features: Pick<TaskFeatures, 'indices' | 'words'>,
): readonly (readonly [number, string])[] {
  const found: [number, string][] = []
  for (const [at, word] of features.words.entries()) {
    if (found.length >= maxFirstWords) break
    if (word.length > 1 && /^\p{L}/u.test(word) && !word.includes(' ') && !dullWords.has(word)) {
      found.push([features.indices[at] ?? 0, word])
    }
  }
  return found
}
