import type { Clock } from '../kernel/clock.ts'
import type { CodeRunner } from '../kernel/code-runner.ts'
import { isGoodEnough } from '../kernel/comparison.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Random } from '../kernel/random.ts'
import type { VillageStore } from '../kernel/stores.ts'
import type { TextEmbedder } from '../kernel/text-embedder.ts'
import { compareAnswers } from '../learning/compare-answers.ts'
import type { AnswerComparator } from '../learning/compare-answers.ts'
import { NearestTexts } from '../serving/nearest-texts.ts'
import { measureOf, SemanticAnswers } from '../village/sharing/semantic-answers.ts'
import type { VillageSettings } from '../village/settings.ts'
import { TenantBands } from '../village/sharing/tenant-bands.ts'
import type { BandChange } from '../village/sharing/tenant-bands.ts'

/** A search through a group takes at most about half a millisecond with 256 dimensions. */
const maxPerGroup = 2_000

export type SemanticCacheParts = {
  readonly embedder: TextEmbedder
  readonly store: Pick<VillageStore, 'ledger' | 'states'>
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly codeRunner: CodeRunner
  /** Of what free texts mean; null where there is none. */
  readonly comparator?: AnswerComparator | null
  readonly settings: VillageSettings['cache']['semantic']
  /** Told when a band of similarity opens or shuts for a tenant. */
  onBand?(change: BandChange): void
  readonly onError: (error: unknown) => void
}

/** Kept answers for similar requests; what an earlier process kept has still to be restored. */
export function openSemanticCache(parts: SemanticCacheParts): SemanticAnswers {
  const { embedder, store, settings, codeRunner, comparator = null, onError } = parts
  return new SemanticAnswers({
    ...parts,
    ledger: store.ledger,
    texts: new NearestTexts({ maxEntries: settings.maxEntries, maxPerGroup }),
    bands: new TenantBands({
      states: store.states,
      terms: {
        maxWrongShare: settings.maxWrongShare,
        delta: 1 - settings.confidence,
        measure: measureOf(embedder),
      },
      onChange: (change) => parts.onBand?.(change),
      onError,
    }),
    compare: async (pair) => {
      const byMeaning = comparator === null ? [] : [comparator]
      const { method, verdict } = await compareAnswers(pair, codeRunner, byMeaning)
      return { method, goodEnough: isGoodEnough(verdict) }
    },
  })
}
