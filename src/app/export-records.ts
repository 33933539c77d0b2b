import { createWriteStream, existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { InvalidRequestError, NotReadyError } from '../kernel/errors.ts'
import { exportLines } from '../store/export.ts'
import type { ExportFormat } from '../store/export.ts'
import { openStore } from '../store/open-store.ts'
import { databaseOf, defaultHome, takeHomeFolder, type HomeFolder } from './home-folder.ts'

export type { ExportFormat } from '../store/export.ts'

export type ExportWhat = 'interactions' | 'pairs'

/**
 * Writes every interaction or preference pair to a file, or to `output`. May run while the village
 * does. Throws `InvalidRequestError` when there is no database yet.
 */
export async function exportRecords(options: {
  readonly environment: NodeJS.ProcessEnv
  readonly what: ExportWhat
  readonly format: ExportFormat
  readonly file?: string
  readonly output: Writable
}): Promise<void> {
  const home = defaultHome(options.environment)
  const path = databaseOf(home)
  if (!existsSync(path)) {
    throw new InvalidRequestError(
      `There is nothing to export: ${path} does not exist. Start the village first, or set VILLAGE_HOME.`,
    )
  }
  const owned = takeIfFree(home)
  const store = await openStore({ path, durability: 'process', journal: owned !== null })
  try {
    const type = options.what === 'interactions' ? 'interaction' : 'preference-pair'
    const lines = Readable.from(exportLines(store.ledger, type, options.format))
    if (options.file === undefined) await pipeline(lines, options.output, { end: false })
    else await pipeline(lines, createWriteStream(options.file))
  } finally {
    await store.close()
    owned?.release()
  }
}

/** Whoever owns the folder also exports what a killed village left in its journal. */
function takeIfFree(home: string): HomeFolder | null {
  try {
    return takeHomeFolder(home)
  } catch (error) {
    if (error instanceof NotReadyError) return null
    throw error
  }
}
