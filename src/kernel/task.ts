import type { AgentName } from './agent-name.ts'
import type { ChatRequest } from './chat.ts'

/** A check that the client sends along and that decides whether an answer is right. */
export type TaskVerifier =
  | {
      readonly type: 'unit-tests'
      readonly language: 'javascript'
      /** Statements that throw when the code under test is wrong. */
      readonly tests: string
    }
  | {
      readonly type: 'unit-tests'
      readonly language: 'sql'
      /** Statements that make the tables, and the rows that the query must give, in order. */
      readonly setup: string
      readonly expectedRows: readonly (readonly (string | number | null)[])[]
    }

/** One piece of work for an agent. */
export type Task = {
  readonly id: string
  readonly agent: AgentName
  /** A group of alike tasks, found by the village itself from the text. */
  readonly kind: string
  readonly request: ChatRequest
  readonly requestedModel: string
  readonly verifier?: TaskVerifier
  /** Hash of agent and conversation: equal tasks are held out, or trained on, together. */
  readonly fingerprint: string
  readonly receivedAtMs: number
}
