import type { SplitEstimate } from '../../routing/agent-evidence.ts'
import type { AimedThreshold } from '../../routing/auto-optimizer.ts'
import type { Plan } from './plan.ts'

/** Where the operator's target is money or time: what meets it, and its name for the records. */
export type Aim = AimedThreshold & {
  readonly policy: 'budget' | 'latency'
  /** Completes "the target is …". */
  readonly target: string
}

/** The expected loss of a local answer that leaves whether the model is sure of it or not. */
export function unjudgedLoss({ sure, unsure, sureShare }: SplitEstimate): number {
  return sureShare * sure.complexity + (1 - sureShare) * unsure.complexity
}

/** The threshold that meets the target takes the place of the one that bounds the loss. */
export function withAim(
  plan: Plan,
  aim: Aim,
  task: {
    readonly expectedLoss: number
    /** Weights that have learnt nothing yet answer no task, whatever the target. */
    readonly hasCheckpoint: boolean
    readonly auditProbability: number
    /** Uniform in [0, 1): which of the tasks exactly at the threshold stay local. */
    readonly tieCoin: number
    readonly auditCoin: number
  },
): Plan {
  const { expectedLoss } = task
  const isBelow =
    expectedLoss < aim.threshold ||
    (expectedLoss === aim.threshold && task.tieCoin < aim.shareAtThreshold)
  const isLocal = isBelow && task.hasCheckpoint
  return {
    ...plan,
    route: isLocal ? 'local' : 'frontier',
    reason: reasonOf(aim, isBelow, task),
    complexity: expectedLoss,
    threshold: aim.threshold,
    policy: aim.policy,
    auditProbability: isLocal ? task.auditProbability : 0,
    audit: isLocal && task.auditCoin < task.auditProbability,
  }
}

function reasonOf(
  aim: Aim,
  isBelow: boolean,
  {
    expectedLoss,
    hasCheckpoint,
  }: { readonly expectedLoss: number; readonly hasCheckpoint: boolean },
): string {
  const target = `the target is ${aim.target}`
  if (!hasCheckpoint) return `Frontier: the local model has learnt nothing yet; ${target}.`
  const loss = `a loss is expected in ${percent(expectedLoss)} of such tasks`
  if (aim.localShare === 0) return `Frontier: ${aim.why}; ${target}.`
  const needed = `the ${percent(aim.localShare)} of tasks with the least expected loss must be local`
  return isBelow
    ? `Local: ${aim.why}, so that ${needed}; ${loss}; ${target}.`
    : `Frontier: ${aim.why}, so that only ${needed}; ${loss}; ${target}.`
}

function percent(share: number): string {
  return `${(100 * Math.max(0, Math.min(1, share))).toFixed(1)} %`
}
