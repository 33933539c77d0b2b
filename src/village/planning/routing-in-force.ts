import type { AgentName } from '../../kernel/agent-name.ts'
import type { RoutingPolicy } from '../../routing/complexity-estimate.ts'
import type { Aim } from './aimed-plan.ts'
import type { CertifiedService } from './certified-service.ts'

export type RoutingInForce = {
  readonly threshold: number
  /** How the agent's tasks are judged now, such as `gathering evidence` until there are labels. */
  readonly policy: string
  /** Why the agent's target cannot be met; null while it can, or while it is one of quality. */
  readonly unmet: string | null
}

export function routingInForce(
  agent: AgentName,
  parts: {
    readonly aim: Aim | undefined
    readonly certified: CertifiedService | undefined
    readonly policy: RoutingPolicy
    readonly firstFormulaThreshold: number
    readonly learnedThreshold: number
  },
): RoutingInForce {
  const { aim, certified } = parts
  if (aim !== undefined) return aim
  const unmet = null
  if (certified !== undefined) {
    const threshold = certified.threshold(agent)
    return { threshold, policy: threshold > 0 ? 'certified' : 'earning a certificate', unmet }
  }
  if (parts.policy === 'first-formula') {
    return { threshold: parts.firstFormulaThreshold, policy: 'first-formula', unmet }
  }
  const threshold = parts.learnedThreshold
  return { threshold, policy: threshold > 0 ? 'learned' : 'gathering evidence', unmet }
}
