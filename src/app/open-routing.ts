import { defaultThresholdSettings, Thresholds } from '../routing/thresholds.ts'
import { CertifiedService } from '../village/certified-service.ts'
import type { FrontierCostEstimate } from '../village/frontier-cost-estimate.ts'
import type { VillageSettings } from '../village/settings.ts'
import { TaskRouter, type TaskRouterParts } from '../village/task-router.ts'

type RoutingParts = Pick<
  TaskRouterParts,
  'agents' | 'local' | 'clock' | 'ids' | 'random' | 'learningAdvice'
> & { readonly costs: FrontierCostEstimate }

/** The router, and the certificates that move its thresholds where the operator wants them. */
export function openRouting(
  settings: VillageSettings['routing'],
  { costs, ...parts }: RoutingParts,
): { readonly router: TaskRouter; readonly certified: CertifiedService | null } {
  const { policy, alpha, delta, targetLoss } = settings
  const certified =
    policy === 'certified'
      ? new CertifiedService({
          alpha,
          delta,
          estimateFrontierCost: (agent, kind) => costs.estimate(agent, kind),
        })
      : null
  const router = new TaskRouter({
    ...parts,
    policy: policy === 'first-formula' ? 'first-formula' : 'learned',
    ...(certified === null ? {} : { certified }),
    thresholds: new Thresholds({ ...defaultThresholdSettings, targetLoss }),
  })
  return { router, certified }
}
