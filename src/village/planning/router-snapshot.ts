import type { ComplexityEvaluatorSnapshot } from '../../routing/complexity-evaluator.ts'
import type { TaskKindsSnapshot } from '../../routing/task-kinds.ts'
import type { ThresholdsSnapshot } from '../../routing/thresholds.ts'

/** What a restart takes up of the router; certificates are in the ledger. */
export type RouterSnapshot = {
  readonly version: 1
  readonly kinds: TaskKindsSnapshot
  readonly evaluator: ComplexityEvaluatorSnapshot
  readonly thresholds: ThresholdsSnapshot
}
