import { agentNames } from '../kernel/agent-name.ts'
import { FitThread } from '../routing/fit-thread.ts'
import { defaultThresholdSettings, Thresholds } from '../routing/thresholds.ts'
import type { ModelCatalogue } from '../kernel/model-adapter.ts'
import { systemClock } from '../kernel/clock.ts'
import type { Accounting } from '../village/figures/accounting.ts'
import { aimOf } from '../village/planning/agent-aim.ts'
import type { AgentTargets } from '../village/planning/agent-targets.ts'
import { CandidateChain } from '../village/planning/candidate-chain.ts'
import { CertifiedService } from '../village/planning/certified-service.ts'
import type { FrontierCostEstimate } from '../village/figures/frontier-cost-estimate.ts'
import { LocalLatency } from '../village/planning/local-latency.ts'
import type { VillageSettings } from '../village/settings.ts'
import { SureAnswers } from '../village/planning/sure-answers.ts'
import type { TaskRouterParts } from '../village/planning/task-router-parts.ts'
import { TaskRouter } from '../village/planning/task-router.ts'
import { cheaperModels } from './cheaper-models.ts'
import type { VillageLog } from './village-log.ts'

type RoutingParts = Pick<
  TaskRouterParts,
  'agents' | 'local' | 'clock' | 'ids' | 'random' | 'learningAdvice' | 'codeRunner' | 'canAudit'
> & {
  readonly costs: FrontierCostEstimate
  readonly accounting: Accounting
  readonly targets: AgentTargets
  readonly catalogue: ModelCatalogue
  readonly log: VillageLog
  readonly signal: AbortSignal
  readonly onError: (error: unknown) => void
}

/** In virtual time a decision must not depend on how fast the machine is. */
const countedMsPerToken = 5

/** The router, and the certificates that move its thresholds where the operator wants them. */
export async function openRouting(
  settings: VillageSettings,
  { costs, accounting, targets, catalogue, log, signal, onError, ...parts }: RoutingParts,
): Promise<{
  readonly router: TaskRouter
  readonly certified: CertifiedService | null
  readonly fits: FitThread
}> {
  const fits = new FitThread({ onError })
  const { policy, alpha, delta, targetLoss } = settings.routing
  const { maxAddedLatencyMs, streamPrefixTokens, agreementSamples } = settings.routing
  const cascade = { maxAddedLatencyMs, streamPrefixTokens, agreementSamples }
  const latency = new LocalLatency({
    msPerToken: parts.clock === systemClock ? null : countedMsPerToken,
  })
  const certified =
    policy === 'certified'
      ? new CertifiedService({
          alpha,
          delta,
          cascade,
          latency,
          fit: (labels) => fits.fit(labels),
          estimateFrontierCost: (agent, kind) => costs.estimate(agent, kind),
        })
      : null
  const chain =
    certified === null
      ? null
      : new CandidateChain({
          models: await cheaperModels(settings.agents, {
            catalogue,
            signal,
            onLeftOut: (agent, model, why) => log.warn({ agent, model }, `no candidate: ${why}`),
          }),
          makeService: () =>
            new CertifiedService({
              alpha,
              delta,
              fit: (labels) => fits.fit(labels),
              estimateFrontierCost: (agent, kind) => costs.estimate(agent, kind),
            }),
          random: parts.random,
        })
  const router = new TaskRouter({
    ...parts,
    policy: policy === 'first-formula' ? 'first-formula' : 'learned',
    ...(certified !== null && { certified }),
    ...(chain !== null && { chain }),
    sureAnswers: new SureAnswers(cascade, latency),
    thresholds: new Thresholds({ ...defaultThresholdSettings, targetLoss, delta }),
    aim: (task) => aimOf(task, { targets, costs, accounting, clock: parts.clock }),
  })
  for (const agent of agentNames) router.retarget(agent, targets.of(agent))
  return { router, certified, fits }
}
