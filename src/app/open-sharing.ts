import type { Clock } from '../kernel/clock.ts'
import type { VillageStore } from '../kernel/stores.ts'
import { AnswerCache } from '../serving/answer-cache.ts'
import type { AIVillage } from '../village/ai-village.ts'
import type { VillageSettings } from '../village/settings.ts'
import { SharingVillage } from '../village/sharing-village.ts'
import { answerOrigin } from './answer-origin.ts'

/** The village with its cache before it; the cache has still to be restored. */
export function openSharing(parts: {
  readonly village: AIVillage
  readonly store: Pick<VillageStore, 'answers' | 'ledger'>
  readonly clock: Clock
  readonly settings: VillageSettings
  readonly frontier: { readonly baseUrl: string; readonly simulated: boolean }
  readonly onError: (error: unknown) => void
}): { readonly cache: AnswerCache; readonly service: SharingVillage } {
  const { village, store, clock, settings, onError } = parts
  const cache = new AnswerCache({ store: store.answers, clock, limits: settings.cache, onError })
  const service = new SharingVillage({
    village,
    cache,
    clock,
    findDecision: (id) => store.ledger.get('decision', id),
    origin: answerOrigin(settings, parts.frontier),
    settings: settings.cache,
  })
  return { cache, service }
}
