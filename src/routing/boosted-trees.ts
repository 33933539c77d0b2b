/** A tree as arrays: node n splits on `feature[n]` at `threshold[n]`, or is a leaf with `value[n]`. */
type Tree = {
  /** -1 for a leaf. */
  readonly feature: readonly number[]
  /** A value at or below it goes left. */
  readonly threshold: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly value: readonly number[]
}

export type BoostedTreesSnapshot = {
  readonly start: number
  readonly rate: number
  readonly trees: readonly Tree[]
}

export type BoostedTreesSettings = {
  readonly trees: number
  readonly depth: number
  readonly rate: number
  /** Rows that a leaf must have at least. */
  readonly leastRows: number
  /** Draws leaves towards 0 as if so many rows with no residual were in each. */
  readonly shrinkage: number
}

type GrowingTree = {
  feature: number[]
  threshold: number[]
  left: number[]
  right: number[]
  value: number[]
}

const bins = 32

/**
 * Gradient boosting of regression trees on squared error (Friedman, 2001), for a few dozen dense
 * features. Values are cut into 32 bins by quantiles; the result depends on the rows alone.
 */
export class BoostedTrees {
  readonly #snapshot: BoostedTreesSnapshot

  constructor(snapshot: BoostedTreesSnapshot) {
    this.#snapshot = snapshot
  }

  static fit(
    rows: readonly Float32Array[],
    targets: ArrayLike<number>,
    settings: BoostedTreesSettings,
  ): BoostedTrees {
    const count = rows.length
    let start = 0
    for (let row = 0; row < count; row += 1) start += (targets[row] ?? 0) / count
    const columns = binned(rows)
    const residuals = Float64Array.from({ length: count }, (_, row) => (targets[row] ?? 0) - start)
    const trees: Tree[] = []
    for (let round = 0; round < settings.trees; round += 1) {
      const { tree, leafOf } = growTree(columns, residuals, settings)
      if (tree.feature.length === 1) break
      for (let row = 0; row < count; row += 1) {
        residuals[row] = (residuals[row] ?? 0) - settings.rate * (tree.value[leafOf[row] ?? 0] ?? 0)
      }
      trees.push(tree)
    }
    return new BoostedTrees({ start, rate: settings.rate, trees })
  }

  predict(row: ArrayLike<number>): number {
    const { start, rate, trees } = this.#snapshot
    let sum = start
    for (const tree of trees) sum += rate * leafValue(tree, row)
    return sum
  }

  /** What each feature adds to the prediction, along the paths that the row takes (Saabas, 2014). */
  contributions(row: ArrayLike<number>, features: number): Float64Array {
    const { rate, trees } = this.#snapshot
    const sums = new Float64Array(features)
    for (const tree of trees) {
      let node = 0
      for (;;) {
        const feature = tree.feature[node] ?? -1
        if (feature < 0) break
        const next = childOf(tree, node, row)
        sums[feature] =
          (sums[feature] ?? 0) + rate * ((tree.value[next] ?? 0) - (tree.value[node] ?? 0))
        node = next
      }
    }
    return sums
  }

  snapshot(): BoostedTreesSnapshot {
    return this.#snapshot
  }
}

function leafValue(tree: Tree, row: ArrayLike<number>): number {
  let node = 0
  while ((tree.feature[node] ?? -1) >= 0) node = childOf(tree, node, row)
  return tree.value[node] ?? 0
}

function childOf(tree: Tree, node: number, row: ArrayLike<number>): number {
  const value = row[tree.feature[node] ?? 0] ?? 0
  const goesLeft = value <= (tree.threshold[node] ?? 0)
  return (goesLeft ? tree.left[node] : tree.right[node]) ?? 0
}

type Column = { readonly bin: Uint8Array; readonly edges: Float32Array }

function binned(rows: readonly Float32Array[]): readonly Column[] {
  const width = rows[0]?.length ?? 0
  return Array.from({ length: width }, (_, feature) => {
    const sorted = Float32Array.from(rows, (row) => row[feature] ?? 0).toSorted()
    const edges: number[] = []
    for (let cut = 1; cut < bins; cut += 1) {
      const at = sorted[Math.floor((cut * sorted.length) / bins)] ?? 0
      const before = sorted[Math.floor((cut * sorted.length) / bins) - 1] ?? at
      const edge = (at + before) / 2
      if (edges.length === 0 || edge > (edges.at(-1) ?? 0)) edges.push(edge)
    }
    const bin = Uint8Array.from(rows, (row) => binOf(edges, row[feature] ?? 0))
    return { bin, edges: Float32Array.from(edges) }
  })
}

/** The number of edges below the value. */
function binOf(edges: readonly number[], value: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (Math.fround(edges[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

function growTree(
  columns: readonly Column[],
  residuals: Float64Array,
  settings: BoostedTreesSettings,
): { tree: Tree; leafOf: Uint16Array } {
  const tree: GrowingTree = { feature: [], threshold: [], left: [], right: [], value: [] }
  const leafOf = new Uint16Array(residuals.length)
  const grow = (rows: Int32Array, depth: number): number => {
    const node = tree.feature.length
    let sum = 0
    for (const row of rows) sum += residuals[row] ?? 0
    tree.feature.push(-1)
    tree.threshold.push(0)
    tree.left.push(0)
    tree.right.push(0)
    tree.value.push(sum / (rows.length + settings.shrinkage))
    const split = depth === 0 ? null : bestSplit(columns, residuals, rows, sum, settings)
    if (split === null) {
      for (const row of rows) leafOf[row] = node
      return node
    }
    const bin = columns[split.feature]?.bin
    tree.feature[node] = split.feature
    tree.threshold[node] = columns[split.feature]?.edges[split.bin] ?? 0
    tree.left[node] = grow(
      rows.filter((row) => (bin?.[row] ?? 0) <= split.bin),
      depth - 1,
    )
    tree.right[node] = grow(
      rows.filter((row) => (bin?.[row] ?? 0) > split.bin),
      depth - 1,
    )
    return node
  }
  grow(Int32Array.from(residuals.keys()), settings.depth)
  return { tree, leafOf }
}

function bestSplit(
  columns: readonly Column[],
  residuals: Float64Array,
  rows: Int32Array,
  sum: number,
  { leastRows, shrinkage }: BoostedTreesSettings,
): { readonly feature: number; readonly bin: number } | null {
  if (rows.length < 2 * leastRows) return null
  const sums = new Float64Array(bins)
  const counts = new Int32Array(bins)
  const whole = (sum * sum) / (rows.length + shrinkage)
  let best: { feature: number; bin: number } | null = null
  let bestGain = 1e-9
  for (const [feature, { bin, edges }] of columns.entries()) {
    sums.fill(0)
    counts.fill(0)
    for (const row of rows) {
      const at = bin[row] ?? 0
      sums[at] = (sums[at] ?? 0) + (residuals[row] ?? 0)
      counts[at] = (counts[at] ?? 0) + 1
    }
    let leftSum = 0
    let leftCount = 0
    for (let at = 0; at < edges.length; at += 1) {
      leftSum += sums[at] ?? 0
      leftCount += counts[at] ?? 0
      const rightCount = rows.length - leftCount
      if (leftCount < leastRows || rightCount < leastRows) continue
      const rightSum = sum - leftSum
      const gain =
        (leftSum * leftSum) / (leftCount + shrinkage) +
        (rightSum * rightSum) / (rightCount + shrinkage) -
        whole
      if (gain > bestGain) {
        bestGain = gain
        best = { feature, bin: at }
      }
    }
  }
  return best
}
