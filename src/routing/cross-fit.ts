type Predictor = { predict(row: Float32Array): number }

/** Scores rows by models that had not learnt from them: row n is left out in round n mod `folds`. */
export function crossFit(
  folds: number,
  rows: readonly Float32Array[],
  targets: Float64Array,
  fit: (rows: readonly Float32Array[], targets: ArrayLike<number>) => Predictor,
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
