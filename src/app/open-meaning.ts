import type { VillageStore } from '../kernel/stores.ts'
import { SemanticEquality } from '../learning/semantic-equality.ts'
import { lexicalDifference } from '../serving/lexical-difference.ts'
import { AnswerMeaning, meaningKey } from '../village/follow-up/answer-meaning.ts'
import type { VillageSettings } from '../village/settings.ts'
import type { HomeFolder } from './home-folder.ts'
import { openEmbedder } from './open-embedder.ts'
import type { OpenEmbedder } from './open-embedder.ts'

export type Meaning = {
  /** Null where nothing needs it. */
  readonly embedder: OpenEmbedder | null
  /** Null where answers are not compared by what they mean. */
  readonly answers: AnswerMeaning | null
  /** Resolves when all is saved; the embedder ends with it. */
  close(): Promise<void>
}

/** What compares texts by their meaning, as far as the settings want any of it. */
export async function openMeaning(parts: {
  readonly settings: VillageSettings
  readonly home: HomeFolder
  readonly store: Pick<VillageStore, 'ledger' | 'states'>
  readonly onError: (error: unknown) => void
}): Promise<Meaning> {
  const { settings, home, store, onError } = parts
  const { enabled, maxWrongShare, confidence } = settings.learning.compareMeaning
  const isNeeded = enabled || settings.cache.semantic.enabled
  const embedder = isNeeded ? await openEmbedder(settings.embeddings, home) : null
  const options = { maxWrongShare, delta: 1 - confidence, differs: lexicalDifference }
  const answers =
    enabled && embedder !== null
      ? new AnswerMeaning({
          equality: new SemanticEquality(
            { ...options, embedder },
            await store.states.load(meaningKey),
          ),
          ledger: store.ledger,
          states: store.states,
          onError,
        })
      : null
  return {
    embedder,
    answers,
    close: async () => {
      await answers?.saved()
      await embedder?.close()
    },
  }
}
