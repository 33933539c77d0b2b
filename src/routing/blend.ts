/** Of each part its mean and standard deviation over the labels. */
export type Blend = {
  readonly means: readonly number[]
  readonly scales: readonly number[]
}

/** `rows` are the parts of each label, every one by a model that had not learnt from it. */
export function fitBlend(rows: readonly (readonly number[])[]): Blend {
  const means = (rows[0] ?? []).map((_, part) => meanOf(rows.map((row) => row[part] ?? 0)))
  const scales = means.map((mean, part) =>
    Math.sqrt(meanOf(rows.map((row) => ((row[part] ?? 0) - mean) ** 2))),
  )
  return { means, scales: scales.map((scale) => (scale > 0 ? scale : 1)) }
}

/**
 * Few labels: the words of the request, and length or sureness, which need none. With more of them also
 * alike tasks, and what was learnt of all features. `row` begins with what text models predict.
 */
export function blendParts(of: {
  readonly learnt: number | undefined
  readonly row: Float32Array
  /** Length or sureness. */
  readonly unlearnt: number | undefined
  readonly isFew: boolean
}): readonly number[] {
  const [words = Number.NaN, , near = Number.NaN] = of.row
  const { learnt = Number.NaN, unlearnt = Number.NaN } = of
  return of.isFew ? [words, unlearnt] : [words, unlearnt, near, learnt]
}

export function blendScore(blend: Blend, parts: readonly number[]): number {
  const start = blend.means[0] ?? 0
  return blendTerms(blend, parts).reduce((sum, term) => sum + term, start)
}

/**
 * What each feature adds, given what it adds to what was learnt; `unlearntAt` is the place of length or
 * sureness.
 */
export function blendContributions(
  blend: Blend,
  parts: readonly number[],
  learnt: readonly number[],
  unlearntAt: number,
): readonly number[] {
  const [words = 0, unlearnt = 0, near = 0] = blendTerms(blend, parts)
  const share = parts.length > 2 ? termScale(blend, parts.length) / (blend.scales[3] ?? 1) : 0
  const all = learnt.map((gain) => share * gain)
  for (const [at, term] of [
    [0, words],
    [2, near],
    [unlearntAt, unlearnt],
  ] as const) {
    all[at] = (all[at] ?? 0) + term
  }
  return all
}

/** What each part adds, on the scale of the first: equal weights need no labels to be learnt. */
function blendTerms(blend: Blend, parts: readonly number[]): readonly number[] {
  const scale = termScale(blend, parts.length)
  return parts.map(
    (part, at) => (scale * (part - (blend.means[at] ?? 0))) / (blend.scales[at] ?? 1),
  )
}

function termScale(blend: Blend, parts: number): number {
  return (blend.scales[0] ?? 1) / parts
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
