import type { AgentName } from '../../kernel/agent-name.ts'
import { noMoney } from '../../kernel/money.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { Task } from '../../kernel/task.ts'
import type { LearningCycle } from '../../learning/learning-cycle.ts'
import type { Accounting } from '../figures/accounting.ts'

export type LearningAdvice = {
  readonly hasCheckpoint: boolean
  /** How often this agent's local answers are to be audited now. */
  readonly auditProbability: number
  readonly askTeacher: boolean
}

/** What an agent's own learning says of a task that has just arrived. */
export function learningAdvice(
  task: Task,
  parts: {
    readonly cycle: LearningCycle
    readonly accounting: Accounting
    readonly teacherModels: Readonly<Record<AgentName, string | null>>
  },
): LearningAdvice {
  const layer = parts.cycle.layer(task.agent)
  const figures = parts.accounting.agents[task.agent]
  const hasTeacher = parts.teacherModels[task.agent] !== null
  return {
    hasCheckpoint: layer.served.weights !== null,
    auditProbability: layer.auditProbability(),
    askTeacher:
      hasTeacher &&
      layer.adviseOnTeacher({
        fingerprint: task.fingerprint,
        teacherCost: figures.teacherNanoUsd as NanoUsd,
        frontierCost: figures.frontierNanoUsd as NanoUsd,
        expectedCost: meanTeacherCost(figures),
      }).ask,
  }
}

function meanTeacherCost(figures: { teacherNanoUsd: number; teacherCalls: number }): NanoUsd {
  if (figures.teacherCalls === 0) return noMoney
  return Math.round(figures.teacherNanoUsd / figures.teacherCalls) as NanoUsd
}
