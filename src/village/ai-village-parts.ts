import type { AgentName } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import type { EmbeddingModels } from '../kernel/embeddings.ts'
import type { Ids } from '../kernel/ids.ts'
import type { LocalModels, ModelCatalogue } from '../kernel/model-adapter.ts'
import type { VillageStore } from '../kernel/stores.ts'
import type { RateLimitsOfKeys } from '../serving/rate-limits.ts'
import type { Accounting } from './figures/accounting.ts'
import type { FollowUps } from './follow-up/follow-ups.ts'
import type { FrontierCostEstimate } from './figures/frontier-cost-estimate.ts'
import type { Spending } from './access/spending.ts'
import type { TaskRouter } from './planning/task-router.ts'

export type AIVillageParts = {
  readonly store: VillageStore
  readonly catalogue: ModelCatalogue
  readonly embeddings: EmbeddingModels
  readonly local: LocalModels
  readonly router: TaskRouter
  readonly followUps: FollowUps
  readonly accounting: Accounting
  readonly costs: FrontierCostEstimate
  readonly spending: Spending
  readonly limits: RateLimitsOfKeys
  readonly clock: Clock
  readonly ids: Ids
  readonly frontierModels: Readonly<Record<AgentName, string>>
  readonly simulated: boolean
  readonly datasetOf: (checkpoint: string | null) => string | null
}
