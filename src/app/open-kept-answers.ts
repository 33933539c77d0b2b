import type { VillageSettings } from '../village/settings.ts'
import { answerOrigin } from './answer-origin.ts'
import type { HomeFolder } from './home-folder.ts'
import { openEmbedder } from './open-embedder.ts'
import { openSharing } from './open-sharing.ts'
import type { SharingParts } from './open-sharing.ts'

type KeptAnswersParts = Omit<SharingParts, 'settings' | 'embedder' | 'origin'> & {
  readonly settings: VillageSettings
  readonly frontier: { readonly baseUrl: string; readonly simulated: boolean }
  readonly home: HomeFolder
}

/** The village with its cache before it, as the settings want it; it has still to be started. */
export async function openKeptAnswers({ settings, frontier, home, ...parts }: KeptAnswersParts) {
  const { semantic } = settings.cache
  const embedder = semantic.enabled ? await openEmbedder(settings.embeddings, home) : null
  const sharing = openSharing({
    ...parts,
    settings: settings.cache,
    embedder,
    origin: answerOrigin(settings, frontier),
  })
  return {
    ...sharing,
    /** Resolves when nothing is under way any more; to be called once the signal has aborted. */
    stopped: async (): Promise<void> => {
      await sharing.stopped()
      await embedder?.close()
    },
  }
}
