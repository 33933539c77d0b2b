import type { SparseRow } from './ridge.ts'

/** Words in ascending order; the tasks of word `words[n]` are those from `starts[n]` on, up to `starts[n + 1]`. */
export type NearestTasksState = {
  readonly words: Uint32Array
  readonly starts: Uint32Array
  readonly tasks: Uint32Array
  readonly values: Float32Array
  readonly outcomes: Float64Array
  readonly neighbours: number
}

const bins = 512
/** Words that more than this share of the tasks hold say little, and would cost the most. */
const tooCommonShare = 0.1

/** The outcomes of the past tasks that are most alike, by the cosine of their words. */
export class NearestTasks {
  readonly #state: NearestTasksState
  readonly #similarities: Float32Array

  constructor(state: NearestTasksState) {
    this.#state = state
    this.#similarities = new Float32Array(state.outcomes.length)
  }

  /** Rows have length 1. The memory is a few words for each of the words of each row. */
  static fit(
    rows: readonly SparseRow[],
    outcomes: ArrayLike<number>,
    neighbours: number,
  ): NearestTasks {
    const postings = new Map<number, { tasks: number[]; values: number[] }>()
    for (const [task, { indices, values }] of rows.entries()) {
      for (const [entry, index] of indices.entries()) {
        const ofWord = postings.get(index) ?? { tasks: [], values: [] }
        postings.set(index, ofWord)
        ofWord.tasks.push(task)
        ofWord.values.push(values[entry] ?? 0)
      }
    }
    const most = Math.max(20, tooCommonShare * rows.length)
    const kept = [...postings]
      .filter(([, { tasks }]) => tasks.length <= most)
      .toSorted(([left], [right]) => left - right)
    const starts = new Uint32Array(kept.length + 1)
    for (const [place, [, { tasks }]] of kept.entries()) {
      starts[place + 1] = (starts[place] ?? 0) + tasks.length
    }
    return new NearestTasks({
      words: Uint32Array.from(kept, ([word]) => word),
      starts,
      tasks: Uint32Array.from(kept.flatMap(([, { tasks }]) => tasks)),
      values: Float32Array.from(kept.flatMap(([, { values }]) => values)),
      outcomes: Float64Array.from(outcomes),
      neighbours,
    })
  }

  state(): NearestTasksState {
    return this.#state
  }

  /** The mean outcome of the nearest tasks, weighted by likeness, or `fallback` where none is alike. */
  outcomeNear(row: SparseRow, fallback: number): number {
    const { words, starts, tasks, values, outcomes, neighbours } = this.#state
    const similarities = this.#similarities.fill(0)
    for (const [entry, index] of row.indices.entries()) {
      const place = placeOf(words, index)
      if (words[place] !== index) continue
      const value = row.values[entry] ?? 0
      const end = starts[place + 1] ?? 0
      for (let at = starts[place] ?? 0; at < end; at += 1) {
        const task = tasks[at] ?? 0
        similarities[task] = (similarities[task] ?? 0) + value * (values[at] ?? 0)
      }
    }
    const least = cutFor(similarities, neighbours)
    let weight = 0.05
    let sum = weight * fallback
    for (let task = 0; task < similarities.length; task += 1) {
      const similarity = similarities[task] ?? 0
      if (similarity <= 0 || similarity < least) continue
      weight += similarity
      sum += similarity * (outcomes[task] ?? 0)
    }
    return sum / weight
  }
}

/** The place of the first word that is not below the given one. */
function placeOf(words: Uint32Array, word: number): number {
  let low = 0
  let high = words.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((words[middle] ?? 0) < word) low = middle + 1
    else high = middle
  }
  return low
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
