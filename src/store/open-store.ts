import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from '../kernel/errors.ts'
import type { VillageStore } from '../kernel/stores.ts'
import { backUp } from './backup.ts'
import { GroupCommitWriter } from './group-commit-writer.ts'
import type { SqliteSettings } from './sqlite-connection.ts'
import { SqliteApiKeys } from './sqlite-api-keys.ts'
import { SqliteBatches } from './sqlite-batches.ts'
import { SqliteCachedAnswers } from './sqlite-cached-answers.ts'
import { SqliteLedger } from './sqlite-ledger.ts'
import { SqliteSpend } from './sqlite-spend.ts'
import { SqliteStates } from './sqlite-states.ts'
import { SqliteTrainingRuns } from './sqlite-training-runs.ts'
import { StoreReader } from './store-reader.ts'

export type SqliteVillageStore = VillageStore & {
  /**
   * Writes a whole copy of the database as it is now, while the village goes on; the file appears
   * at `path` only when it is complete and on the disk. Rejects with `StoreError`.
   */
  backupTo(path: string): Promise<void>
}

export type StoreOptions = SqliteSettings & {
  /** True for the one process that owns the database: it may acknowledge from its journal. */
  readonly journal?: boolean
  /** Called for a recorded entry that the database will never take. */
  readonly onRefused?: (error: StoreError) => void
}

/** Opens the database file, makes or migrates it where needed. Rejects with `StoreError`. */
export async function openStore(options: StoreOptions): Promise<SqliteVillageStore> {
  const { journal = false, onRefused, ...settings } = options
  await makeFolder(dirname(settings.path))
  const writer = await GroupCommitWriter.start(settings, {
    survivesPowerCut: settings.durability === 'power',
    ...(journal && { journalFolder: `${settings.path}.recorded` }),
    ...(onRefused !== undefined && { onRefused }),
  })
  const reader = StoreReader.open(settings.path, () => writer.settled())
  return {
    ledger: new SqliteLedger(reader, writer),
    runs: new SqliteTrainingRuns(reader, writer),
    states: new SqliteStates(reader, writer),
    keys: new SqliteApiKeys(reader, writer),
    spend: new SqliteSpend(reader),
    answers: new SqliteCachedAnswers(reader, writer),
    batches: new SqliteBatches(reader, writer),
    backupTo: async (path) => {
      await writer.settled()
      await backUp(settings.path, path)
    },
    close: async () => {
      reader.close()
      // Last, because the last connection folds the write-ahead log into the file.
      await writer.close()
    },
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new StoreError(`The folder ${folder} for the database cannot be made`, { cause: error })
  }
}
