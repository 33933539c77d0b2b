import type { ModelAnswer } from '../../kernel/chat.ts'
import type { Interaction } from '../../kernel/interaction.ts'
import type { ModelAdapter } from '../../kernel/model-adapter.ts'
import type { SeenAnswer } from '../planning/seen-answer.ts'

/** A model's answer to the task; `answer` is null when the call failed. */
export type ModelCall = {
  readonly interaction: Interaction
  readonly adapter: ModelAdapter
  readonly answer: ModelAnswer | null
  /** What was seen of a local answer that was watched. */
  readonly seen?: SeenAnswer | null
}
