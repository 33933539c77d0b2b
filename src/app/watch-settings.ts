import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { VillageSettings } from '../village/settings.ts'
import { readSettings } from './home-folder.ts'
import type { VillageLog } from './village-log.ts'

const lookEveryMs = 2000

/** Reads `village.json` again when it has changed; one that cannot be used changes nothing. */
export function watchSettings(
  file: string,
  options: {
    readonly onChange: (settings: VillageSettings) => void
    readonly log: Pick<VillageLog, 'info' | 'warn'>
    /** Milliseconds between two looks. */
    readonly everyMs?: number
  },
): () => void {
  let known = signatureOf(statSync(file, { throwIfNoEntry: false }))
  let looking = false
  const look = async (): Promise<void> => {
    const found = await stat(file).catch(() => undefined)
    const signature = signatureOf(found)
    // An editor may take the file away for a moment before it puts the new one there.
    if (found === undefined || signature === known) return
    known = signature
    takeOver(file, options)
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look().finally(() => {
      looking = false
    })
  }, options.everyMs ?? lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

function takeOver(file: string, { onChange, log }: Parameters<typeof watchSettings>[1]): void {
  let settings: VillageSettings
  try {
    settings = readSettings(file)
  } catch (error) {
    log.warn({ err: error }, 'village.json changed and cannot be used; nothing changes')
    return
  }
  onChange(settings)
  log.info(
    { file },
    'village.json changed: targets of agents, weights and draining of replicas are taken over, the rest at the next start',
  )
}

function signatureOf(
  found: { readonly mtimeMs: number; readonly size: number; readonly ino: number } | undefined,
): string {
  return found === undefined ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`
}
