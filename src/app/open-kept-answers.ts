import type { VillageSettings } from '../village/settings.ts'
import { answerOrigin } from './answer-origin.ts'
import type { Meaning } from './open-meaning.ts'
import { openSharing } from './open-sharing.ts'
import type { VillageLog } from './village-log.ts'
import type { SharingParts } from './open-sharing.ts'

type KeptAnswersParts = Omit<SharingParts, 'settings' | 'embedder' | 'origin' | 'comparator'> & {
  readonly settings: VillageSettings
  readonly frontier: { readonly baseUrl: string; readonly simulated: boolean }
  readonly meaning: Meaning
  readonly log: VillageLog
}

/** The village with its cache before it, as the settings want it; it has still to be started. */
export function openKeptAnswers({ settings, frontier, meaning, log, ...parts }: KeptAnswersParts) {
  const sharing = openSharing({
    ...parts,
    settings: settings.cache,
    embedder: settings.cache.semantic.enabled ? meaning.embedder : null,
    comparator: meaning.answers?.comparator ?? null,
    origin: answerOrigin(settings, frontier),
    onBand: (change) =>
      log.info(change, `answers to similar requests: a band is ${change.open ? 'open' : 'shut'}`),
  })
  return {
    ...sharing,
    /** Resolves when nothing is under way any more; to be called once the signal has aborted. */
    stopped: async (): Promise<void> => {
      await sharing.stopped()
      await meaning.close()
    },
  }
}
