import type { AgentName } from './agent-name.ts'
import type { ChatMessage, ChatUsage, FinishReason, Sampling } from './chat.ts'
import type { JsonObject } from './json.ts'

/**
 * Why the village asked itself as a client would: to see whether a kept answer that it gave to a
 * similar request was right, or to have an answer before it is asked for again.
 */
export type OwnPurpose = 'cache-audit' | 'warming'

/**
 * Why a model was called. Only `serve` answers reach a client; `handover` is a local answer that was
 * to be served and was judged not good enough before any of it left.
 */
export type InteractionPurpose = 'serve' | 'shadow' | 'audit' | 'teacher' | 'handover' | OwnPurpose

/** One model call, as recorded. */
export type Interaction = {
  readonly id: string
  readonly taskId: string
  /** Null when the client named a model itself and no agent was asked. */
  readonly agent: AgentName | null
  /** The key that pays for it; absent when the village pays (audits, the teacher, demo tasks). */
  readonly keyId?: string
  readonly purpose: InteractionPurpose
  readonly model: string
  readonly modelKind: 'frontier' | 'local'
  /** Hash of the adapter weights that answered; null for frontier models and the bare base. */
  readonly checkpoint: string | null
  readonly messages: readonly ChatMessage[]
  readonly sampling: Sampling
  /** What the answer was to be held to, in the wire's own form; left out where it was any text. */
  readonly responseFormat?: JsonObject
  readonly answer: string
  readonly finishReason: FinishReason
  readonly usage: ChatUsage
  readonly latencyMs: number
  readonly retries: number
  readonly streamed: boolean
  /** The reason when the call failed; the answer then holds what had arrived. */
  readonly error: string | null
  /** True when the client left before the end; the usage is then estimated from what had arrived. */
  readonly cancelled?: boolean
  readonly simulated: boolean
  readonly generationId: string | null
  readonly startedAtMs: number
}
