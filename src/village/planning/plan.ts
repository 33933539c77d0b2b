import type { Decision, Route, Weighed } from '../../kernel/decision.ts'

/** What was decided about a task before any model is called; every coin is already thrown. */
export type Plan = {
  readonly route: Route
  /** One sentence for the user. */
  readonly reason: string
  readonly kind: string
  readonly complexity: number
  readonly threshold: number
  readonly policy: string
  /** What moved the estimate most. */
  readonly weighed: readonly Weighed[]
  readonly certificate?: Decision['certificate']
  /** A cheaper frontier model than the agent's own that may serve the task. */
  readonly candidate?: string
  readonly auditProbability: number
  readonly audit: boolean
  readonly shadowProbability: number
  readonly shadow: boolean
  /** Ask the teacher the same task, to learn from its answer? */
  readonly askTeacher: boolean
  /** False where the local model cannot take such a request at all. */
  readonly localPossible: boolean
  /** May the local model answer when the frontier cannot be reached? */
  readonly localInOutage: boolean
}

/** The same plan without what follows an answer that a client gets. */
export function withNothingBeside(plan: Plan): Plan {
  return { ...plan, audit: false, auditProbability: 0, shadow: false, askTeacher: false }
}
