import type { AgentName } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { LocalModels } from '../kernel/model-adapter.ts'
import type { Ledger, StateStore, TrainingRunStore } from '../kernel/stores.ts'
import type { Promotion } from '../kernel/training.ts'
import type { ModelCheckpointer } from './checkpoints.ts'
import { ContinuousLearningLayer } from './continuous-learning-layer.ts'
import { ExampleCounts } from './example-counts.ts'
import type { LearningSettings } from './learning-settings.ts'
import { SelfEvolvingSystem } from './self-evolving-system.ts'
import { ServedCheckpoint } from './served-checkpoint.ts'

/** Settings that evolve stay within a fifth and the whole, and the whole and four times, of these. */
const teacherShareRange = 5
const auditRange = 4

type LayerParts = {
  readonly ledger: Ledger
  readonly runs: TrainingRunStore
  readonly states: StateStore
  readonly localModels: LocalModels
  readonly checkpointer: ModelCheckpointer
  readonly clock: Clock
  readonly ids: Ids
  readonly settings: LearningSettings
  readonly targetQuality: (agent: AgentName) => number
}

export function createLearningLayer(agent: AgentName, parts: LayerParts): ContinuousLearningLayer {
  const { settings } = parts
  const targetQuality = (): number => parts.targetQuality(agent)
  return new ContinuousLearningLayer(agent, {
    counts: new ExampleCounts(),
    served: new ServedCheckpoint(agent, { ...parts, settings: settings.monitor, targetQuality }),
    evolving: new SelfEvolvingSystem({
      teacherShare: {
        least: settings.teacher.share / teacherShareRange,
        most: settings.teacher.share,
      },
      leastAuditProbability: {
        least: settings.monitor.leastProbability,
        most: Math.min(1, settings.monitor.leastProbability * auditRange),
      },
    }),
    settings,
    targetQuality,
  })
}

/** Takes up an agent's learning where the village stopped; returns the rollback that this took, if any. */
export async function recoverLearningLayer(
  layer: ContinuousLearningLayer,
  parts: Pick<LayerParts, 'ledger' | 'runs' | 'states' | 'settings'> & {
    readonly interruptedReason: string
  },
): Promise<Promotion | null> {
  const { agent } = layer
  const runs = await parts.runs.list({ agent, limit: 50 })
  const finished = runs.filter(
    ({ status, reason }) => status !== 'cancelled' && reason !== parts.interruptedReason,
  )
  const sinceSuccess = finished.findIndex(({ status }) => status === 'promoted')
  layer.restoreRuns(finished[0] ?? null, sinceSuccess === -1 ? finished.length : sinceSuccess)
  layer.evolving.restore(await parts.states.load(`learning:settings:${agent}`))
  const rollback = await layer.served.recover()
  const promotions = await parts.ledger.list('promotion', { agent, newestFirst: true, limit: 50 })
  const lastPromotion = promotions.find(({ action }) => action === 'promotion')
  const examples = await parts.ledger.list('example', {
    agent,
    newestFirst: true,
    limit: parts.settings.windowExamples,
  })
  layer.counts.recount(examples, {
    lastRunMs: finished[0]?.startedAtMs ?? 0,
    lastPromotionMs: lastPromotion?.atMs ?? 0,
  })
  return rollback
}
