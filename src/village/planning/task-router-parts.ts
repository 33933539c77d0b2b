import type { AgentManager } from '../../agents/agent-manager.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { CodeRunner } from '../../kernel/code-runner.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { LocalModels } from '../../kernel/model-adapter.ts'
import type { Random } from '../../kernel/random.ts'
import type { Task } from '../../kernel/task.ts'
import type { RoutingPolicy } from '../../routing/complexity-estimate.ts'
import type { Thresholds } from '../../routing/thresholds.ts'
import type { Aim } from './aimed-plan.ts'
import type { CandidateChain } from './candidate-chain.ts'
import type { CertifiedService } from './certified-service.ts'
import type { LearningAdvice } from './learning-advice.ts'
import type { AimedTask } from './planned-task.ts'
import type { SureAnswers } from './sure-answers.ts'

export type TaskRouterParts = {
  readonly agents: AgentManager
  readonly local: Pick<LocalModels, 'forAgent' | 'workload'>
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly policy: RoutingPolicy
  readonly thresholds: Thresholds
  readonly sureAnswers: SureAnswers
  /** Present when the operator chose the policy `certified`: it then decides. */
  readonly certified?: CertifiedService
  /** Cheaper frontier models than the agents' own, with the policy `certified`. */
  readonly chain?: CandidateChain
  /** Runs the tests of tasks on local answers that are judged. */
  readonly codeRunner: CodeRunner
  /** The threshold that meets the agent's target; null where the target is one of quality. */
  aim?(task: AimedTask): Aim | null
  /** Is there money for audits? Always when left out. */
  canAudit?(): boolean
  /** What the learning side says of an agent: canary audits, teacher, checkpoint. */
  learningAdvice(task: Task): LearningAdvice
}
