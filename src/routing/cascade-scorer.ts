import { GainModel } from './gain-model.ts'
import type { GainContribution, GainModelState, GainTask } from './gain-model.ts'
import { fitLogisticMap, probabilityAt } from './logistic-map.ts'
import type { LogisticMap } from './logistic-map.ts'
import type { PastScore } from './threshold-grid.ts'

/** A task of the cascade; `answer` and `signals` are of what was seen of the local answer. */
export type CascadeTask = GainTask & {
  /**
   * The least chance of staying local at which the local model is asked first and its answer judged;
   * null where the request alone decides.
   */
  readonly leastStay: number | null
  /** What is judged of an answer: all of it, or the beginning of one that is streamed. */
  readonly form: 'whole' | 'beginning'
}

export type CascadeLabel = CascadeTask & { readonly loss: boolean }

export type CascadeScorerState = {
  readonly name: string
  readonly past: readonly PastScore[]
  readonly before: GainModelState
  readonly beforeMap: LogisticMap
  readonly after: GainModelState | null
  readonly afterMap: LogisticMap
  /** Past scores before the run, ascending, and the probability after it of the same tasks. */
  readonly ranked: readonly { readonly before: number; readonly after: number }[]
  /** Of these, enough answers were compared to judge another. */
  readonly forms: readonly CascadeTask['form'][]
}

/** Answered labels from which answers are judged at all. */
const leastAnswered = 50
/** Labels of a form from which answers of that form are judged: the other form tells little of it. */
const leastOfForm = 30
const leastNear = 30
const mostNear = 150
const noSignals = new Float32Array()

/**
 * The probability of a loss, as it is known when it is decided who answers: from the request alone,
 * or also from the local answer where it is judged. Both are on one scale, so that one threshold
 * holds for both. Frozen once it is made.
 */
export class CascadeScorer {
  readonly name: string
  /** Of the labels, each by models that had not learnt from it. */
  readonly past: readonly PastScore[]
  readonly #state: CascadeScorerState
  readonly #before: GainModel
  readonly #after: GainModel | null
  readonly #forms: ReadonlySet<CascadeTask['form']>

  constructor(state: CascadeScorerState) {
    this.name = state.name
    this.past = state.past
    this.#state = state
    this.#before = new GainModel(state.before)
    this.#after = state.after === null ? null : new GainModel(state.after)
    this.#forms = new Set(state.forms)
  }

  static fit(labels: readonly CascadeLabel[], signalNames: readonly string[]): CascadeScorer {
    const model = GainModel.fit(
      labels.map((label) => ({ ...requestOf(label), ...outcomeOf(label) })),
      { signalNames: [] },
    )
    const before = model.crossFitted.map(({ score }) => score)
    const answered = labels.flatMap((label, at) => (label.answer === null ? [] : [{ label, at }]))
    const judging =
      answered.length < leastAnswered
        ? null
        : GainModel.fit(
            answered.map(({ label }) => ({ ...label, ...outcomeOf(label) })),
            { signalNames },
          )
    const after = judging?.crossFitted.map(({ score }) => score) ?? []
    const afterMap = fitLogisticMap(
      after,
      answered.map(({ label }) => label.loss),
    )
    const state = {
      name: `${labels.length} labels, ${model.choice}; ${after.length} answers, ${judging?.choice ?? 'not judged'}`,
      before: model.state(),
      beforeMap: fitLogisticMap(
        before,
        labels.map(({ loss }) => loss),
      ),
      after: judging?.state() ?? null,
      afterMap,
      ranked: after
        .map((score, place) => ({
          before: before[answered[place]?.at ?? -1] ?? Number.NaN,
          after: probabilityAt(afterMap, score),
        }))
        .toSorted((left, right) => left.before - right.before),
      forms: formsOf(labels),
    }
    const past = new CascadeScorer({ ...state, past: [] }).#pastOf(labels, before, after)
    return new CascadeScorer({ ...state, past })
  }

  /** All that it is, as plain data that can be sent to another thread. */
  state(): CascadeScorerState {
    return this.#state
  }

  /** Is the local answer to be judged before it may leave? */
  judges(task: CascadeTask): boolean {
    return this.#after !== null && task.leastStay !== null
  }

  /**
   * The least threshold at which this task goes to the local model at all, from the request alone:
   * the score cannot be lower, whatever the answer. NaN when it cannot tell.
   */
  entry(task: CascadeTask): number {
    const score = this.#before.score(requestOf(task))
    if (this.#after === null || task.leastStay === null) {
      return probabilityAt(this.#state.beforeMap, score)
    }
    return this.#entryAt(score, task.leastStay, task.form)
  }

  /** NaN when it cannot tell, also while an answer that is to be judged is not there. */
  score(task: CascadeTask): number {
    const { leastStay } = task
    if (this.#after === null || leastStay === null) {
      return this.entry(task)
    }
    if (task.answer === null) return Number.NaN
    return Math.max(this.entry(task), probabilityAt(this.#state.afterMap, this.#after.score(task)))
  }

  /** The share of past tasks with such requests whose answers would stay local. */
  stayChance(task: CascadeTask, threshold: number): number {
    const near = this.#near(this.#before.score(requestOf(task)))
    return near.filter((after) => after <= threshold).length / Math.max(1, near.length)
  }

  /** What moved the probability most, largest first. */
  explain(task: CascadeTask, count: number): readonly GainContribution[] {
    return this.#after !== null && task.answer !== null && task.leastStay !== null
      ? this.#after.explain(task, count)
      : this.#before.explain(requestOf(task), count)
  }

  /** Nested in the threshold: what a lower one lets in, a higher one does, too. */
  #entryAt(before: number, leastStay: number, form: CascadeTask['form']): number {
    if (Number.isNaN(before) || Number.isNaN(leastStay)) return Number.NaN
    if (!this.#forms.has(form)) return Number.NaN
    const near = this.#near(before)
    const needed = Math.ceil(leastStay * near.length)
    if (needed < 1) return Number.NEGATIVE_INFINITY
    return near.toSorted()[needed - 1] ?? Number.POSITIVE_INFINITY
  }

  /** Probabilities after the run of the past tasks whose score before it is nearest by rank. */
  #near(before: number): Float64Array {
    const { ranked } = this.#state
    const size = Math.min(mostNear, Math.max(leastNear, Math.round(ranked.length / 5)))
    let low = 0
    let high = ranked.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ranked[middle]?.before ?? 0) < before) low = middle + 1
      else high = middle
    }
    const start = Math.max(0, Math.min(low - (size >> 1), ranked.length - size))
    return Float64Array.from(ranked.slice(start, start + size), ({ after }) => after)
  }

  #pastOf(
    labels: readonly CascadeLabel[],
    before: readonly number[],
    after: readonly number[],
  ): readonly PastScore[] {
    let place = 0
    return labels.map((label, at) => {
      const own = before[at] ?? Number.NaN
      const judged = label.answer === null ? Number.NaN : (after[place++] ?? Number.NaN)
      const score =
        this.#after === null || label.leastStay === null
          ? probabilityAt(this.#state.beforeMap, own)
          : Math.max(
              this.#entryAt(own, label.leastStay, label.form),
              probabilityAt(this.#state.afterMap, judged),
            )
      return { score, loss: label.loss }
    })
  }
}

function formsOf(labels: readonly CascadeLabel[]): readonly CascadeTask['form'][] {
  const answered = labels.filter(({ answer }) => answer !== null)
  return (['whole', 'beginning'] as const).filter(
    (form) => answered.filter((label) => label.form === form).length >= leastOfForm,
  )
}

function requestOf({ request }: CascadeTask): GainTask {
  return { request, answer: null, signals: noSignals }
}

/** A certificate bounds losses alone: what only the local model has right wins nothing back. */
function outcomeOf({ loss }: CascadeLabel): { localRight: boolean; frontierRight: boolean } {
  return { localRight: !loss, frontierRight: true }
}
