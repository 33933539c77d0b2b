import type { CachedAnswerHead, CachedAnswerStore } from '../kernel/cached-answer.ts'
import type { TextEmbedder } from '../kernel/text-embedder.ts'
import { AnswerCache } from '../serving/answer-cache.ts'
import { PopularRequests } from '../serving/popular-requests.ts'
import type { AIVillage } from '../village/ai-village.ts'
import { AnswerKeeper } from '../village/sharing/answer-keeper.ts'
import { AnswerWarmer } from '../village/sharing/answer-warmer.ts'
import type { WarmRequest } from '../village/sharing/answer-warmer.ts'
import type { VillageSettings } from '../village/settings.ts'
import { SharingVillage } from '../village/sharing/sharing-village.ts'
import { openSemanticCache } from './open-semantic-cache.ts'
import type { SemanticCacheParts } from './open-semantic-cache.ts'

export type SharingParts = Omit<SemanticCacheParts, 'embedder' | 'store' | 'settings'> & {
  readonly village: AIVillage
  readonly store: SemanticCacheParts['store'] & { readonly answers: CachedAnswerStore }
  readonly settings: VillageSettings['cache']
  /** Null where only equal requests get kept answers. */
  readonly embedder: TextEmbedder | null
  /** What answers come from; see `AnswerKeeperParts`. */
  readonly origin: string
  readonly signal: AbortSignal
}

/** Often asked requests that are remembered, each of at most so many characters. */
const mostPopular = 500
const maxPopularCharacters = 16_384
/** Nobody waits and nobody has for so long. */
const idleMs = 2_000

/** The village with its cache before it; the cache has still to be restored. */
export function openSharing(parts: SharingParts) {
  const { village, store, clock, settings, embedder, signal, onError } = parts
  const semantic =
    embedder === null
      ? undefined
      : openSemanticCache({ ...parts, embedder, settings: settings.semantic })
  const timeToLiveMs = settings.timeToLiveSeconds * 1000
  const popular = new PopularRequests<WarmRequest>({
    halfLifeMs: Math.max(60_000, timeToLiveMs),
    maxEntries: mostPopular,
  })
  const cache = new AnswerCache({
    store: store.answers,
    clock,
    limits: settings,
    onDropped: (keys, why) => {
      semantic?.forget(keys)
      // Who wants an answer forgotten does not want it asked again.
      if (why === 'forgotten' || why === 'no-room') for (const key of keys) popular.forget(key)
    },
    onError,
  })
  const keeper = new AnswerKeeper({
    ...parts,
    cache,
    findDecision: (id) => store.ledger.get('decision', id),
    semantic,
    onLookedUp: ({ key, input, sharing }) => {
      if (!settings.warming.enabled) return
      if (JSON.stringify(input.request).length > maxPopularCharacters) return
      popular.note(key, { input, sharing }, clock.now())
    },
  })
  const service = new SharingVillage({ village, keeper, clock, settings })
  const warmer = new AnswerWarmer({
    popular,
    expiresAt: (key) => cache.expiresAt(key),
    refresh: ({ input, sharing }, warmSignal) => keeper.refresh(input, sharing, warmSignal),
    isIdle: () => service.idleMs >= idleMs,
    states: store.states,
    clock,
    settings: { ...settings.warming, timeToLiveSeconds: settings.timeToLiveSeconds },
    onError,
  })
  let warming: Promise<void> = Promise.resolve()
  return {
    cache,
    service,
    /** Undefined where only equal requests get kept answers. */
    semantic,
    warmer,
    /** Takes up what an earlier process kept, and warms what is asked often where that is wanted. */
    start: async (isCurrent: (head: CachedAnswerHead) => boolean): Promise<void> => {
      const kept = await cache.restore(isCurrent)
      // Nobody waits for it: until a text is known again, its answer serves equal requests alone.
      if (semantic !== undefined) semantic.follow(semantic.restore(kept))
      if (settings.warming.enabled) warming = warmer.run(signal)
    },
    /** Resolves when all comparisons of kept answers so far are recorded and learnt. */
    idle: () => keeper.idle(),
    /** Resolves when nothing is under way any more; to be called once the signal has aborted. */
    stopped: async (): Promise<void> => {
      await warming
      await keeper.idle()
    },
  }
}
