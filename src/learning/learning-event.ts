import type { AgentName } from '../kernel/agent-name.ts'
import type { EvaluationReport, Promotion, TrainingRun } from '../kernel/training.ts'

type LearningStage = 'collecting' | 'training' | 'evaluating' | 'promoting' | 'rolling-back'

/** What the village shows of the learning as it goes. */
export type LearningEvent =
  | {
      readonly type: 'stage'
      readonly stage: LearningStage
      readonly agent: AgentName | null
      readonly detail: string
    }
  | { readonly type: 'run'; readonly run: TrainingRun }
  | { readonly type: 'report'; readonly report: EvaluationReport }
  | { readonly type: 'promotion'; readonly promotion: Promotion }
  | { readonly type: 'warning'; readonly agent: AgentName; readonly message: string }
  | {
      readonly type: 'setting'
      readonly agent: AgentName
      readonly name: string
      readonly from: number
      readonly to: number
      readonly reason: string
    }
  /** Something failed that no run can show: a bug, or a store that does not write. */
  | { readonly type: 'error'; readonly agent: AgentName; readonly error: unknown }
