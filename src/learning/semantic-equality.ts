import type { Verdict } from '../kernel/comparison.ts'
import type { JsonValue } from '../kernel/json.ts'
import { cosineOf } from '../kernel/text-embedder.ts'
import type { TextEmbedder } from '../kernel/text-embedder.ts'
import type { AnswerComparator, AnswerPair } from './compare-answers.ts'
import { binomialTail } from './binomial-tail.ts'

export type SemanticEqualityOptions = {
  readonly embedder: TextEmbedder
  /** What two texts say differently that vectors hardly show, or null. */
  differs(left: string, right: string): string | null
  /** At most this share of what it says may be wrong, … */
  readonly maxWrongShare: number
  /** … with this chance of ever setting a bound for which it is more. */
  readonly delta: number
}

/** Labelled pairs of one group by similarity, and the bounds that they have shown. */
type Group = {
  readonly equal: readonly number[]
  readonly different: readonly number[]
  readonly looks: number
  /** Equal from this bin on; different below this bin; null while not shown. */
  readonly equalFrom: number | null
  readonly differentBelow: number | null
}

type State = {
  readonly version: typeof stateVersion
  readonly embedder: string
  readonly groups: Readonly<Record<string, Group>>
}

const stateVersion = 1
/** Bins of similarity from 0 to 1; what is below 0 counts as 0. */
const bins = 20
/** It looks at the labels of a group when there are so many, and then at each doubling. */
const firstLook = 64
const mostGroups = 200
/** A bound is never set where there are fewer pairs than these: they would speak for others. */
const fewestOfBin = 8

const noLabels: Group = {
  equal: Array.from({ length: bins }, () => 0),
  different: Array.from({ length: bins }, () => 0),
  looks: 0,
  equalFrom: null,
  differentBelow: null,
}

/**
 * Says whether two answers in free text mean the same, by the similarity of their vectors. It says
 * nothing until pairs with a known truth have shown a bound, for each group of tasks by itself: the
 * bound is the lowest that keeps the share of errors at or below what is allowed, tested from the
 * safest on with an exact binomial test (fixed sequence testing, Learn then Test, arXiv 2110.01052).
 * Labels are looked at again at each doubling, and look k has the part delta / (k · (k + 1)).
 *
 * Equal texts are no labels: they would make any bound look good.
 */
export class SemanticEquality implements AnswerComparator {
  readonly method = 'semantic'
  readonly #options: SemanticEqualityOptions
  /** In the order of their last label: the first has waited longest. */
  readonly #groups = new Map<string, Group>()

  /** `saved` is what `snapshot` gave; that of another embedder is left. */
  constructor(options: SemanticEqualityOptions, saved: JsonValue | null = null) {
    this.#options = options
    const state = saved as unknown as State | null
    if (state?.version !== stateVersion || state.embedder !== options.embedder.hash) return
    for (const [name, group] of Object.entries(state.groups)) this.#groups.set(name, group)
  }

  /** Takes a pair of which others know whether it means the same. */
  async learn(pair: AnswerPair, isEqual: boolean): Promise<void> {
    const name = pair.task.group
    if (name === undefined || pair.candidate.trim() === pair.reference.trim()) return
    // Such a pair is never called equal, so it says nothing about that bound.
    if (this.#options.differs(pair.candidate, pair.reference) !== null) return
    const bin = binOf(await this.#similarity(pair))
    const before = this.#groups.get(name) ?? noLabels
    const counted = isEqual
      ? { ...before, equal: plusOne(before.equal, bin) }
      : { ...before, different: plusOne(before.different, bin) }
    this.#groups.delete(name)
    this.#groups.set(name, this.#looked(counted))
    const [oldest] = this.#groups.keys()
    if (this.#groups.size > mostGroups && oldest !== undefined) this.#groups.delete(oldest)
  }

  /** Arrow function: it is handed on by itself. */
  readonly compare = async (pair: AnswerPair): Promise<Verdict | null> => {
    const group = this.#groups.get(pair.task.group ?? '')
    if (group === undefined || (group.equalFrom ?? group.differentBelow) === null) return null
    if (this.#options.differs(pair.candidate, pair.reference) !== null) return null
    const bin = binOf(await this.#similarity(pair))
    if (group.equalFrom !== null && bin >= group.equalFrom) return 'both'
    return group.differentBelow !== null && bin < group.differentBelow ? 'reference-only' : null
  }

  snapshot(): JsonValue {
    const state: State = {
      version: stateVersion,
      embedder: this.#options.embedder.hash,
      groups: Object.fromEntries(this.#groups),
    }
    return structuredClone(state)
  }

  async #similarity({ candidate, reference }: AnswerPair): Promise<number> {
    const { embedder } = this.#options
    const [left, right] = await Promise.all([
      Promise.resolve(embedder.embed(candidate)),
      Promise.resolve(embedder.embed(reference)),
    ])
    return cosineOf(left, right)
  }

  #looked(group: Group): Group {
    if (sum(group.equal) + sum(group.different) < firstLook * 2 ** group.looks) return group
    const { maxWrongShare, delta } = this.#options
    const looks = group.looks + 1
    // One half of delta for each bound.
    const level = delta / 2 / (looks * (looks + 1))
    const fewest = Math.ceil(Math.log(level) / Math.log1p(-maxWrongShare))
    const isShown = ({ right, wrong }: Counts): boolean =>
      binomialTail(wrong, right + wrong, maxWrongShare) <= level
    const { equal, different } = group
    const isPopulated = (bin: number): boolean =>
      (equal[bin] ?? 0) + (different[bin] ?? 0) >= fewestOfBin
    const all = Array.from({ length: bins }, (_, bin) => bin).filter(isPopulated)
    const downwards = all.toReversed()
    const upwards = all.map((bin) => bin + 1)
    const equalFrom = lastShown(downwards, fewest, isShown, (bin) => ({
      right: sum(equal.slice(bin)),
      wrong: sum(different.slice(bin)),
    }))
    const differentBelow = lastShown(upwards, fewest, isShown, (bin) => ({
      right: sum(different.slice(0, bin)),
      wrong: sum(equal.slice(0, bin)),
    }))
    return { ...group, looks, equalFrom, differentBelow }
  }
}

type Counts = { readonly right: number; readonly wrong: number }

/**
 * The last bound that is shown before the first that is not. Bounds with too few pairs to show
 * anything are passed over, which depends on no label.
 */
function lastShown(
  bounds: readonly number[],
  fewest: number,
  isShown: (counts: Counts) => boolean,
  countsAt: (bound: number) => Counts,
): number | null {
  let shown: number | null = null
  for (const bound of bounds) {
    const counts = countsAt(bound)
    if (counts.right + counts.wrong < fewest) continue
    if (!isShown(counts)) return shown
    shown = bound
  }
  return shown
}

function binOf(similarity: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(similarity * bins)))
}

function plusOne(counts: readonly number[], bin: number): readonly number[] {
  return counts.with(bin, (counts[bin] ?? 0) + 1)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
