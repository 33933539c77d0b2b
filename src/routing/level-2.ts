import { BoostedTrees } from './boosted-trees.ts'
import type { BoostedTreesSnapshot } from './boosted-trees.ts'
import { DenseRidge } from './dense-ridge.ts'
import type { DenseRidgeState } from './dense-ridge.ts'

/** A linear model and boosted trees on the same dense features: their mean is the prediction. */
export type Level2 = { readonly ridge: DenseRidge; readonly trees: BoostedTrees }

export type Level2State = {
  readonly ridge: DenseRidgeState
  readonly trees: BoostedTreesSnapshot
}

export function level2From({ ridge, trees }: Level2State): Level2 {
  return { ridge: new DenseRidge(ridge), trees: new BoostedTrees(trees) }
}

export function level2State({ ridge, trees }: Level2): Level2State {
  return { ridge: ridge.state(), trees: trees.snapshot() }
}

export function fitLevel2(rows: readonly Float32Array[], targets: ArrayLike<number>): Level2 {
  const isMany = rows.length >= 3000
  return {
    ridge: DenseRidge.fit(rows, targets),
    trees: BoostedTrees.fit(rows, targets, {
      trees: isMany ? 150 : 80,
      depth: isMany ? 3 : 2,
      rate: 0.05,
      leastRows: Math.max(10, Math.min(30, Math.round(rows.length / 50))),
      shrinkage: 20,
    }),
  }
}

export function level2Score({ ridge, trees }: Level2, row: ArrayLike<number>): number {
  return (ridge.predict(row) + trees.predict(row)) / 2
}

export function level2Contributions(
  { ridge, trees }: Level2,
  row: Float32Array,
): readonly number[] {
  const ofTrees = trees.contributions(row, row.length)
  return Array.from(row, (_, at) => (ridge.contribution(row, at) + (ofTrees[at] ?? 0)) / 2)
}
