import type { AgentName } from './agent-name.ts'
import type { ModelAnswer } from './chat.ts'
import type { Decision } from './decision.ts'

/** What a request says about answers that were given before. */
export type CacheWish = {
  /** True: an earlier answer is welcome, whatever the request; false: never give one. */
  readonly asked?: boolean
  /** `Cache-Control: no-cache`: ask the model, and keep its answer for later requests. */
  readonly fresh?: boolean
  /** `Cache-Control: no-store`: neither give an earlier answer nor keep this one. */
  readonly noStore?: boolean
  /** `Cache-Control: max-age`: the oldest answer that will do. */
  readonly maxAgeMs?: number
}

/** A request as the semantic cache sees it. */
export type SimilarityEntry = {
  /** sha256 of tenant and request without its last text: only requests of one group are compared. */
  readonly group: string
  /** The last text of the user. */
  readonly text: string
}

/** What is known of a kept answer without reading it. */
export type CachedAnswerHead = {
  /** sha256 of tenant and request: equal keys are equal requests of one tenant. */
  readonly key: string
  readonly tenant: string
  readonly requestedModel: string
  readonly agent: AgentName | null
  /** The agent whose local model answered; null when a frontier model did. */
  readonly localAgent: AgentName | null
  /** The weights that gave a local answer; null for the bare base and for frontier models. */
  readonly checkpoint: string | null
  /** The decision that led to the answer. */
  readonly decisionId: string
  readonly sizeBytes: number
  readonly storedAtMs: number
  /** For similar requests to find it by; absent where only equal ones may. */
  readonly similar?: SimilarityEntry
  readonly expiresAtMs: number
}

/** An answer kept so that an equal request of the same tenant can have it again. */
export type CachedAnswer = {
  readonly head: CachedAnswerHead
  readonly answer: ModelAnswer
  readonly decision: Decision
}

/** Where kept answers survive a restart. `save` replaces by key. */
export type CachedAnswerStore = {
  save(entry: CachedAnswer): Promise<void>
  load(key: string): Promise<CachedAnswer | null>
  /** In the order in which they were stored. */
  heads(): Promise<readonly CachedAnswerHead[]>
  remove(keys: readonly string[]): Promise<void>
}
