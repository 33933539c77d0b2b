import type { AgentName } from './agent-name.ts'

/**
 * A kept answer beside what the village answered to a similar request: what the semantic cache opens
 * and closes by. Enough to count the evidence again.
 */
export type CacheCheck = {
  readonly id: string
  readonly tenant: string
  readonly agent: AgentName | null
  /** The task of the answer that was made. */
  readonly taskId: string
  /** The decision that led to the kept answer. */
  readonly keptDecisionId: string
  /** The decision of the answer that was made; null when it failed. */
  readonly madeDecisionId: string | null
  /** The decision under which the kept answer was given; null when it was not given. */
  readonly hitDecisionId: string | null
  /** Cosine of the two texts' vectors. */
  readonly similarity: number
  /** Names embedder and rules: what the similarity was measured by. */
  readonly measure: string
  readonly band: number
  readonly epoch: number
  /** With which probability the answer was to be made beside the kept one. */
  readonly probability: number
  /** How the two answers were compared; null when there was nothing to compare. */
  readonly method: string | null
  /** Null when the answer failed: counts as wrong. */
  readonly wrong: boolean | null
  readonly checkedAtMs: number
}
