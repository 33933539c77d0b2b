import type { AgentName } from './agent-name.ts'
import type { OwnPurpose } from './interaction.ts'
import type { NanoUsd } from './money.ts'

export type Route = 'local' | 'frontier'

/** How like the request was to the one that was answered, and whether the answer was checked. */
export type Resemblance = {
  /** Cosine of the two texts' vectors. */
  readonly similarity: number
  readonly auditProbability: number
  readonly audited: boolean
}

/** Something that moved the estimate that a local answer would be a loss; above 0 speaks for the frontier. */
export type Weighed = { readonly what: string; readonly effect: number }

/** Why a task went where it went, and what the other choice would have meant. */
export type Explanation = {
  /** The whole of it for a user. */
  readonly sentence: string
  /** At most three, what moved most first. */
  readonly weighed: readonly Weighed[]
  readonly alternative: {
    readonly route: Route
    readonly cost: NanoUsd
    /** How likely it is that the other answer would have been a loss; 0 for the frontier by definition. */
    readonly expectedLoss: number
  }
}

/** What was chosen for a task and why; ties request, checkpoint, dataset and saving together. */
export type Decision = {
  readonly id: string
  readonly taskId: string
  /** Null for a pass-through: the client named the model. */
  readonly agent: AgentName | null
  readonly kind: string
  readonly requestedModel: string
  readonly route: Route
  /** The model that answered in the end; differs from the route's first choice after a failure. */
  readonly model: string
  /** One sentence for the user. */
  readonly reason: string
  /** Estimated probability that the local answer is not good enough; null for a pass-through. */
  readonly complexity: number | null
  readonly threshold: number | null
  /** What decided: `first-formula`, `learned`, `certified`, or a target's `budget` or `latency`. */
  readonly policy: string
  readonly checkpoint: string | null
  readonly datasetVersionId: string | null
  /** Probability with which a local answer was to be audited; 0 for frontier answers. */
  readonly auditProbability: number
  readonly audited: boolean
  /** What the frontier would have cost (estimated for local answers), less what was spent. */
  readonly alwaysFrontierCost: NanoUsd
  readonly cost: NanoUsd
  readonly simulated: boolean
  readonly interactionId: string
  readonly decidedAtMs: number
  /** Set where the local model cannot take such a request at all (tools, pictures, its length). */
  readonly localPossible?: false
  /** Left out where the client named the model. */
  readonly explanation?: Explanation
  /** The certificate that a local answer was served by. */
  readonly certificate?: { readonly epoch: number; readonly alpha: number; readonly delta: number }
  /** Set when a local answer was judged, and the frontier answered instead of it. */
  readonly handover?: {
    /** The rejected answer's. It may be recorded a little later than this decision. */
    readonly interactionId: string
    /** How much later the frontier was asked for it. */
    readonly addedLatencyMs: number
  }
  /**
   * Set when an answer was given again instead of made: `decisionId` led to it, and it came from
   * the cache, from an equal request that was under way (`flight`), or from a similar request's
   * answer in the cache.
   */
  readonly reused?:
    | { readonly decisionId: string; readonly from: 'cache' | 'flight' }
    | ({ readonly decisionId: string; readonly from: 'semantic' } & Resemblance)
  /** Set when the village asked for itself; such an answer reached no client. */
  readonly ownPurpose?: OwnPurpose
}
