import type { AgentName } from '../kernel/agent-name.ts'

export type AgentSettings = {
  /** OpenRouter slug of the frontier model. */
  readonly frontierModel: string
  /** A cheap model whose answers may be trained on; null where the frontier's may be. */
  readonly teacherModel: string | null
  /** Sent when the client has no system message of its own. */
  readonly systemPrompt: string
  readonly temperature: number
  readonly maxTokens: number
  /** Threshold of the earlier prototype on the first formula's scale. */
  readonly firstFormulaThreshold: number
  /** Estimated share of good answers from which the local model may stand in for a dead frontier. */
  readonly performanceThreshold: number
}

export type AgentsSettings = Readonly<Record<AgentName, AgentSettings>>

const teacherModel = 'mistralai/mistral-small-3.2-24b-instruct'

export const defaultAgentsSettings: AgentsSettings = {
  king: {
    frontierModel: 'nvidia/llama-3.1-nemotron-70b-instruct',
    teacherModel: null,
    systemPrompt: 'You are King, a careful assistant. Do exactly what is asked; no extra words.',
    temperature: 0.7,
    maxTokens: 1000,
    firstFormulaThreshold: 0.6,
    performanceThreshold: 0.8,
  },
  sage: {
    frontierModel: 'anthropic/claude-3.5-sonnet',
    teacherModel,
    systemPrompt:
      'You are Sage, a researcher. Rely on the given text, say only what it supports, and keep to the asked format.',
    temperature: 0.8,
    maxTokens: 2000,
    firstFormulaThreshold: 0.7,
    performanceThreshold: 0.75,
  },
  magi: {
    frontierModel: 'openai/o1-mini-2024-09-12',
    teacherModel,
    systemPrompt:
      'You are Magi, a programmer. Answer with correct, complete code and nothing else.',
    temperature: 0.2,
    maxTokens: 1500,
    firstFormulaThreshold: 0.65,
    performanceThreshold: 0.85,
  },
}

export const maxLocalTokens = 512
