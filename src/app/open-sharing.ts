import type { CachedAnswerHead } from '../kernel/cached-answer.ts'
import { AnswerCache } from '../serving/answer-cache.ts'
import type { AIVillage } from '../village/ai-village.ts'
import type { VillageSettings } from '../village/settings.ts'
import { SharingVillage } from '../village/sharing-village.ts'
import type { CachedAnswerStore } from '../kernel/cached-answer.ts'
import type { TextEmbedder } from '../kernel/text-embedder.ts'
import { openSemanticCache } from './open-semantic-cache.ts'
import type { SemanticCacheParts } from './open-semantic-cache.ts'

export type SharingParts = Omit<SemanticCacheParts, 'embedder' | 'store' | 'settings'> & {
  readonly village: AIVillage
  readonly store: SemanticCacheParts['store'] & { readonly answers: CachedAnswerStore }
  readonly settings: VillageSettings['cache']
  /** Null where only equal requests get kept answers. */
  readonly embedder: TextEmbedder | null
  /** What answers come from; see `SharingVillageParts`. */
  readonly origin: string
  readonly signal: AbortSignal
}

/** The village with its cache before it; the cache has still to be restored. */
export function openSharing(parts: SharingParts) {
  const { store, clock, settings, embedder, onError } = parts
  const semantic =
    embedder === null
      ? undefined
      : openSemanticCache({ ...parts, embedder, settings: settings.semantic })
  const cache = new AnswerCache({
    store: store.answers,
    clock,
    limits: settings,
    onDropped: (keys) => semantic?.forget(keys),
    onError,
  })
  const service = new SharingVillage({
    ...parts,
    cache,
    findDecision: (id) => store.ledger.get('decision', id),
    semantic,
  })
  return {
    cache,
    service,
    /** Undefined where only equal requests get kept answers. */
    semantic,
    /** Takes up what an earlier process kept. */
    restore: async (isCurrent: (head: CachedAnswerHead) => boolean): Promise<void> => {
      const kept = await cache.restore(isCurrent)
      // Nobody waits for it: until a text is known again, its answer serves equal requests alone.
      if (semantic !== undefined) semantic.follow(semantic.restore(kept))
    },
  }
}
