import type { AgentName } from '../../kernel/agent-name.ts'
import type { Task } from '../../kernel/task.ts'
import type { ComplexityEstimate } from '../../routing/complexity-estimate.ts'
import type { TaskFeatures } from '../../routing/features.ts'
import type { ChainPlan } from './candidate-chain.ts'
import type { CertifiedPlan } from './certified-plan.ts'
import type { Plan } from './plan.ts'
import type { LocalRun } from './sure-answers.ts'

export type PlannedTask = {
  readonly task: Task
  readonly plan: Plan
  readonly features: TaskFeatures
  readonly firstFormula: number
  readonly streamed: boolean
  readonly certified: CertifiedPlan | null
  /** What cheaper frontier models have to do with it; null where the agent has none. */
  readonly chain: ChainPlan | null
  /** What an answer that the local model is not sure of is worth; null where none is held back. */
  readonly unsure: ComplexityEstimate | null
  /** The local answer, once there is one. */
  readonly localRun?: LocalRun
}

/** A task that could go either way, as the target of its agent sees it. */
export type AimedTask = {
  readonly agent: AgentName
  readonly kind: string
  readonly expectedLoss: number
  readonly auditProbability: number
}
