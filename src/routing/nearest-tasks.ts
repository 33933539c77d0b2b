import type { SparseRow } from './ridge.ts'

type Postings = { tasks: number[]; values: number[] }

const bins = 512
/** Words that more than this share of the tasks hold say little, and would cost the most. */
const tooCommonShare = 0.1

/** The outcomes of the past tasks that are most alike, by the cosine of their words. */
export class NearestTasks {
  readonly #postings = new Map<number, Postings>()
  readonly #outcomes: ArrayLike<number>
  readonly #neighbours: number
  readonly #similarities: Float32Array

  /** Rows have length 1. The memory is a few words for each of the words of each row. */
  constructor(rows: readonly SparseRow[], outcomes: ArrayLike<number>, neighbours: number) {
    this.#outcomes = outcomes
    this.#neighbours = neighbours
    this.#similarities = new Float32Array(rows.length)
    for (const [task, { indices, values }] of rows.entries()) {
      for (const [entry, index] of indices.entries()) {
        const postings = this.#postings.get(index) ?? { tasks: [], values: [] }
        this.#postings.set(index, postings)
        postings.tasks.push(task)
        postings.values.push(values[entry] ?? 0)
      }
    }
    for (const [index, { tasks }] of this.#postings) {
      if (tasks.length > Math.max(20, tooCommonShare * rows.length)) this.#postings.delete(index)
    }
  }

  /** The mean outcome of the nearest tasks, weighted by likeness, or `fallback` where none is alike. */
  outcomeNear(row: SparseRow, fallback: number): number {
    const similarities = this.#similarities.fill(0)
    for (const [entry, index] of row.indices.entries()) {
      const postings = this.#postings.get(index)
      if (postings === undefined) continue
      const value = row.values[entry] ?? 0
      const { tasks, values } = postings
      for (let at = 0; at < tasks.length; at += 1) {
        const task = tasks[at] ?? 0
        similarities[task] = (similarities[task] ?? 0) + value * (values[at] ?? 0)
      }
    }
    const least = cutFor(similarities, this.#neighbours)
    let weight = 0.05
    let sum = weight * fallback
    for (let task = 0; task < similarities.length; task += 1) {
      const similarity = similarities[task] ?? 0
      if (similarity <= 0 || similarity < least) continue
      weight += similarity
      sum += similarity * (this.#outcomes[task] ?? 0)
    }
    return sum / weight
  }
}

/** A similarity that about `count` tasks reach, found by counting in bins rather than by sorting. */
function cutFor(similarities: Float32Array, count: number): number {
  const histogram = new Int32Array(bins + 1)
  for (const similarity of similarities) {
    if (similarity <= 0) continue
    const bin = Math.min(bins, Math.floor(similarity * bins))
    histogram[bin] = (histogram[bin] ?? 0) + 1
  }
  let reached = 0
  for (let bin = bins; bin > 0; bin -= 1) {
    reached += histogram[bin] ?? 0
    if (reached >= count) return bin / bins
  }
  return 0
}
