import type { AgentName } from './agent-name.ts'
import type { ChatMessage } from './chat.ts'
import type { JsonObject } from './json.ts'
import type { Distillable } from './model-adapter.ts'
import type { TaskVerifier } from './task.ts'

/** Where the right to train on an answer comes from. */
export type RightToTrain = {
  readonly model: string
  readonly distillable: Exclude<Distillable, 'no'>
  /** `models-list`, `operator` or `user-correction`. */
  readonly basis: string
}

/** An answer worth learning from, or (held out) a task to be examined on. */
export type Example = {
  readonly id: string
  readonly taskId: string
  readonly agent: AgentName
  readonly kind: string
  /** As the local model sees them: a response format stands in the system message. */
  readonly messages: readonly ChatMessage[]
  /** What answers to the task are held to, in the wire's own form; any text where it is left out. */
  readonly responseFormat?: JsonObject
  readonly answer: string
  readonly interactionId: string
  readonly verifier: TaskVerifier | null
  /** Held-out examples never enter a dataset; they may lack the right to train. */
  readonly use: 'train' | 'held-out'
  readonly right: RightToTrain | null
  /** What vouches for the answer: the frontier itself, agreement with it, or a verifier. */
  readonly vouchedBy: 'frontier' | 'agreement' | 'verifier' | 'correction'
  readonly createdAtMs: number
}

/** A chosen and a rejected answer to one task; the chosen one carries the right to train. */
export type PreferencePair = {
  readonly id: string
  readonly taskId: string
  readonly agent: AgentName
  readonly kind: string
  readonly messages: readonly ChatMessage[]
  readonly chosen: string
  readonly rejected: string
  readonly comparisonId: string
  readonly checkpoint: string | null
  readonly right: RightToTrain
  readonly createdAtMs: number
}

export type DatasetVersion = {
  readonly id: string
  readonly agent: AgentName
  /** sha256 over the files' bytes: equal data has an equal hash. */
  readonly hash: string
  readonly sftPath: string
  readonly preferencesPath: string | null
  readonly counts: {
    readonly examples: number
    readonly replayed: number
    readonly pairs: number
    readonly byKind: Readonly<Record<string, number>>
    readonly byRight: Readonly<Record<string, number>>
  }
  readonly createdAtMs: number
}
