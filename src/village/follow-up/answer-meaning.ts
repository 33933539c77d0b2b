import type { Comparison, Feedback } from '../../kernel/comparison.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { Ledger, StateStore } from '../../kernel/stores.ts'
import type { Task } from '../../kernel/task.ts'
import type { AnswerComparison, AnswerPair } from '../../learning/compare-answers.ts'
import type { SemanticEquality } from '../../learning/semantic-equality.ts'

type AnswerMeaningParts = {
  readonly equality: SemanticEquality
  readonly ledger: Pick<Ledger, 'get' | 'list'>
  readonly states: StateStore
  readonly onError: (error: unknown) => void
}

export const meaningKey = 'answer-meaning'

/**
 * The comparator of meaning with what it learns from: pairs of answers of which tests said that both
 * are right, or only one, and pairs of which users said so. It decides in their place where there are
 * neither tests nor users, for tasks of the same agent and kind.
 */
export class AnswerMeaning {
  readonly #parts: AnswerMeaningParts
  #saving: Promise<void> | null = null
  #changed = false

  constructor(parts: AnswerMeaningParts) {
    this.#parts = parts
  }

  get comparator(): SemanticEquality {
    return this.#parts.equality
  }

  /** A comparison by tests shows whether two different texts are worth the same. */
  async learnFromTests(pair: AnswerPair, { method, verdict }: AnswerComparison): Promise<void> {
    if (method !== 'unit-tests' || verdict === 'neither') return
    await this.#learn(pair, verdict === 'both')
  }

  /**
   * A correction differs from what was answered. A local answer that a user found good means what the
   * frontier's meant, where that was there to compare with and reads otherwise.
   */
  async learnFromFeedback(feedback: Feedback, decision: Decision): Promise<void> {
    if (decision.agent === null || decision.reused?.from === 'semantic') return
    const { ledger } = this.#parts
    const group = groupOf({ agent: decision.agent, kind: decision.kind })
    const served = await ledger.get('interaction', decision.interactionId)
    if (served === null) return
    const task = { messages: served.messages, group }
    if (feedback.correction !== null) {
      await this.#learn({ task, candidate: served.answer, reference: feedback.correction }, false)
      return
    }
    if (feedback.rating !== 1 || decision.route !== 'local') return
    const reference = await this.#referenceOf(decision)
    if (reference !== null) {
      await this.#learn({ task, candidate: served.answer, reference }, true)
    }
  }

  /** Resolves when what was learnt so far is saved. */
  async saved(): Promise<void> {
    await this.#saving
  }

  async #referenceOf({ taskId, interactionId }: Decision): Promise<string | null> {
    const { ledger } = this.#parts
    const comparisons = await ledger.list('comparison', { taskId })
    const audit = comparisons.find((comparison) => isOfTexts(comparison, interactionId))
    if (audit === undefined) return null
    const reference = await ledger.get('interaction', audit.referenceInteractionId ?? '')
    return reference?.answer ?? null
  }

  async #learn(pair: AnswerPair, isEqual: boolean): Promise<void> {
    const { equality, onError } = this.#parts
    try {
      await equality.learn(pair, isEqual)
      this.#changed = true
      this.#saving ??= this.#save().finally(() => (this.#saving = null))
    } catch (error) {
      onError(error)
    }
  }

  async #save(): Promise<void> {
    const { equality, states, onError } = this.#parts
    while (this.#changed) {
      this.#changed = false
      await states.save(meaningKey, equality.snapshot()).catch(onError)
    }
  }
}

/** Tasks of one agent and kind are of one sort. */
export function groupOf({ agent, kind }: Pick<Task, 'agent' | 'kind'>): string {
  return `${agent} ${kind}`
}

function isOfTexts(comparison: Comparison, interactionId: string): boolean {
  const { candidateInteractionId, method, verdict } = comparison
  return (
    candidateInteractionId === interactionId && method === 'exact' && verdict === 'reference-only'
  )
}
