import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { LocalModels } from '../kernel/model-adapter.ts'
import type { BatchStore } from '../kernel/batch.ts'
import { BatchProcessor } from '../serving/batches/batch-processor.ts'
import { Batches } from '../serving/batches/batches.ts'
import { FileContents } from '../serving/batches/file-contents.ts'
import type { VillageSettings } from '../village/settings.ts'

/** Files and batches, and the processor that works on them once it is started. */
export function openBatches(parts: {
  readonly store: BatchStore
  readonly folder: string
  readonly clock: Clock
  readonly ids: Ids
  readonly settings: Pick<VillageSettings, 'batches' | 'frontier'>
  readonly local: Pick<LocalModels, 'workload'>
  /** Requests under way, those of batches included. */
  readonly answering: () => number
  readonly onError: (error: unknown) => void
}): { readonly batches: Batches; readonly batchProcessor: BatchProcessor } {
  const { store, clock, ids, local, answering } = parts
  const { concurrency, frontierShare, maxLines, ...settings } = parts.settings.batches
  const contents = new FileContents(parts.folder)
  const batchProcessor: BatchProcessor = new BatchProcessor({
    store,
    contents,
    clock,
    ids,
    maxLines,
    room: () => {
      const interactive = Math.max(0, answering() - batchProcessor.underWay)
      return local.workload().waiting > 0 ? 0 : concurrency - interactive
    },
    linesPerMinute: parts.settings.frontier.requestsPerMinute * frontierShare,
    onError: parts.onError,
  })
  const batches = new Batches({
    store,
    contents,
    processor: batchProcessor,
    clock,
    ids,
    maxFileBytes: settings.maxFileBytes,
    completionWindowMs: settings.completionWindowHours * 3_600_000,
  })
  return { batches, batchProcessor }
}
