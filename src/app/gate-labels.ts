import type { ChatMessage } from '../kernel/chat.ts'
import type { EvaluationReport, Promotion } from '../kernel/training.ts'
import type { HeldOutLabel } from '../learning/learning-cycle.ts'

type SeenTask = { readonly messages: readonly ChatMessage[]; readonly kind: string }

/**
 * What the gate showed of promoted weights, as far as it is recorded: how many tasks of each kind
 * were right. The last task of the kind that was seen stands for each of them.
 */
export class GateLabels {
  readonly #reports: ReadonlyMap<string, EvaluationReport>
  /** By the kind's name when it was recorded. */
  readonly #seen = new Map<string, SeenTask>()

  constructor(reports: ReadonlyMap<string, EvaluationReport>) {
    this.#reports = reports
  }

  see(recordedKind: string, task: SeenTask): void {
    this.#seen.set(recordedKind, task)
  }

  labelsOf({ action, evaluationId }: Promotion): readonly HeldOutLabel[] {
    if (action !== 'promotion' || evaluationId === null) return []
    const kinds = this.#reports.get(evaluationId)?.kinds ?? []
    return kinds.flatMap(({ kind: recorded, tasks, candidateRight }) => {
      const seen = this.#seen.get(recorded)
      if (seen === undefined) return []
      const { messages, kind } = seen
      return Array.from({ length: tasks }, (_, at): HeldOutLabel => ({
        messages,
        kind,
        goodEnough: at < candidateRight,
        answer: null,
        testsPassed: null,
      }))
    })
  }
}
