import { deriveSeed, seededRandom } from '../../src/kernel/random.ts'
import type { GainLabel, GainModel } from '../../src/routing/gain-model.ts'
import { fitModel, folds, foldsOf, inRandomOrder, rankedWithin } from './cross-validation.ts'
import { gapRecovered } from './metrics.ts'

export type PartialFeedback = {
  /** APGR with every label less APGR with those that arrived, mean over the folds. */
  readonly lost: number
  /** Audits as a share of all tasks. */
  readonly extraFrontierCalls: number
  readonly labelled: number
}

/** Half of the tasks stay local; of these 10 % are audited. */
const localShare = 0.5
const auditProbability = 0.1
/** Nothing stays local before: certificates take about so long (see the rows of the guarantee). */
const refitAt = [1000, 3000] as const

/**
 * The training part arrives as traffic: frontier-served tasks are shadowed, local ones audited, and
 * the model is fitted anew on what has been seen, after 1,000 and 3,000 tasks and at the end.
 */
export function partialFeedback(
  labels: readonly GainLabel[],
  options: { readonly seed: number; readonly foldCount: number },
): PartialFeedback {
  const foldOf = foldsOf(labels.length, options.seed)
  let lost = 0
  let audits = 0
  let labelled = 0
  let tasks = 0
  const count = Math.min(folds, options.foldCount)
  for (let fold = 0; fold < count; fold += 1) {
    const random = seededRandom(deriveSeed(options.seed, `partial feedback ${fold}`))
    const traffic = inRandomOrder(
      labels.filter((_, at) => foldOf[at] !== fold),
      random,
    )
    const test = labels.filter((_, at) => foldOf[at] === fold)
    const seen: GainLabel[] = []
    let model: GainModel | null = null
    let threshold = Number.NEGATIVE_INFINITY
    for (const [at, label] of traffic.entries()) {
      if (refitAt.some((due) => due === at)) {
        model = fitModel(seen)
        threshold = medianScore(model, traffic.slice(Math.max(0, at - 500), at))
      }
      const staysLocal = model !== null && model.score(label) <= threshold
      if (staysLocal && random() >= auditProbability) continue
      if (staysLocal) audits += 1
      seen.push(label)
    }
    const apgrOf = (fitted: GainModel): number =>
      gapRecovered(
        rankedWithin(test, (task) => fitted.score(task)),
        seededRandom(options.seed),
      ).apgr
    lost += (apgrOf(fitModel(traffic)) - apgrOf(fitModel(seen))) / count
    labelled += seen.length
    tasks += traffic.length
  }
  return { lost, extraFrontierCalls: audits / tasks, labelled: labelled / tasks }
}

function medianScore(model: GainModel, tasks: readonly GainLabel[]): number {
  const scores = tasks.map((task) => model.score(task)).toSorted((left, right) => left - right)
  return scores[Math.floor(localShare * scores.length)] ?? Number.NEGATIVE_INFINITY
}
