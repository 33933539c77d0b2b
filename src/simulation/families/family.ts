import type { AgentName } from '../../kernel/agent-name.ts'
import type { ChatMessage } from '../../kernel/chat.ts'
import type { Random } from '../../kernel/random.ts'
import type { TaskVerifier } from '../../kernel/task.ts'

/** What the tiny student is expected to make of a family after some hundred examples. */
export type Expectation = 'learnable' | 'between' | 'unlearnable'

/** Known to the simulation for its own report only; the village never sees it. */
export type Truth = {
  isRight(answer: string): boolean
  readonly reference: string
}

export type FamilyTask = {
  /** One user message, plain text as a company would send it. */
  readonly messages: readonly ChatMessage[]
  readonly verifier?: TaskVerifier
  readonly truth: Truth
}

/** A group of alike tasks that the simulated traffic draws from. */
export type Family = {
  readonly name: string
  readonly agent: AgentName
  readonly expectation: Expectation
  /** Share of the agent's tasks, relative to its other families. */
  readonly weight: number
  /** Every literal text with `{slot}` marks that the prompts are made of. */
  readonly templates: readonly string[]
  make(random: Random): FamilyTask
  /** The right answer from the prompt's text alone, or null when it is not of this family. */
  solve(prompt: string): string | null
  /** A plausible wrong answer in place of the right one. */
  spoil(answer: string, random: Random): string
}
