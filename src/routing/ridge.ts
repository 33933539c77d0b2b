/** A row of a sparse matrix. */
export type SparseRow = { readonly indices: Uint32Array; readonly values: Float32Array }

export type RidgeWeights = { readonly weights: Float32Array; readonly intercept: number }

const iterations = 20

/**
 * Ridge regression on sparse rows by conjugate gradients on the normal equations (Hestenes and
 * Stiefel, 1952); the intercept is the mean target. Indices lie in [0, width).
 */
export function fitRidge(
  rows: readonly SparseRow[],
  targets: ArrayLike<number>,
  options: { readonly penalty: number; readonly width: number },
): RidgeWeights {
  const { penalty, width } = options
  let intercept = 0
  for (let at = 0; at < rows.length; at += 1) intercept += (targets[at] ?? 0) / rows.length
  const { packed, columns } = packedRows(rows, width)
  const found = solve(
    packed,
    Float64Array.from(rows, (_, at) => (targets[at] ?? 0) - intercept),
    penalty,
    columns.length,
  )
  const weights = new Float32Array(width)
  for (let at = 0; at < columns.length; at += 1) weights[columns[at] ?? 0] = found[at] ?? 0
  return { weights, intercept }
}

function solve(
  rows: readonly SparseRow[],
  outcome: Float64Array,
  penalty: number,
  width: number,
): Float32Array {
  const weights = new Float32Array(width)
  const residual = new Float32Array(width)
  const applied = new Float32Array(width)
  addTransposed(rows, outcome, residual)
  const direction = residual.slice()
  let size = dotOf(residual, residual)
  for (let round = 0; round < iterations && size > 1e-9; round += 1) {
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at]
      if (row !== undefined) outcome[at] = productOf(row, direction)
    }
    applied.fill(0)
    addTransposed(rows, outcome, applied)
    for (let at = 0; at < width; at += 1) {
      applied[at] = (applied[at] ?? 0) + penalty * (direction[at] ?? 0)
    }
    const step = size / dotOf(direction, applied)
    for (let at = 0; at < width; at += 1) {
      weights[at] = (weights[at] ?? 0) + step * (direction[at] ?? 0)
      residual[at] = (residual[at] ?? 0) - step * (applied[at] ?? 0)
    }
    const next = dotOf(residual, residual)
    const keep = next / size
    size = next
    for (let at = 0; at < width; at += 1) {
      direction[at] = (residual[at] ?? 0) + keep * (direction[at] ?? 0)
    }
  }
  return weights
}

/** The same rows over only the columns that occur: few texts use few of the buckets. */
function packedRows(
  rows: readonly SparseRow[],
  width: number,
): { readonly packed: readonly SparseRow[]; readonly columns: readonly number[] } {
  const places = new Int32Array(width).fill(-1)
  const columns: number[] = []
  const packed = rows.map(({ indices, values }) => {
    const own = new Uint32Array(indices.length)
    for (let entry = 0; entry < indices.length; entry += 1) {
      const index = indices[entry] ?? 0
      if ((places[index] ?? -1) < 0) {
        places[index] = columns.length
        columns.push(index)
      }
      own[entry] = places[index] ?? 0
    }
    return { indices: own, values }
  })
  return { packed, columns }
}

/** The inner product of a sparse row and a dense vector. */
export function productOf(row: SparseRow, dense: ArrayLike<number>): number {
  const { indices, values } = row
  let sum = 0
  for (let at = 0; at < indices.length; at += 1) {
    sum += (dense[indices[at] ?? 0] ?? 0) * (values[at] ?? 0)
  }
  return sum
}

function addTransposed(
  rows: readonly SparseRow[],
  factors: Float64Array,
  sums: Float32Array,
): void {
  for (const [at, { indices, values }] of rows.entries()) {
    const factor = factors[at] ?? 0
    for (let entry = 0; entry < indices.length; entry += 1) {
      const index = indices[entry] ?? 0
      sums[index] = (sums[index] ?? 0) + factor * (values[entry] ?? 0)
    }
  }
}

function dotOf(left: Float32Array, right: Float32Array): number {
  let sum = 0
  for (let at = 0; at < left.length; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0)
  return sum
}
