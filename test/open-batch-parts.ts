import { join } from 'node:path'
import type { Batch } from '../src/kernel/batch.ts'
import { systemClock, type Clock } from '../src/kernel/clock.ts'
import { createIds } from '../src/kernel/ids.ts'
import { seededRandom } from '../src/kernel/random.ts'
import { BatchProcessor } from '../src/serving/batches/batch-processor.ts'
import { Batches } from '../src/serving/batches/batches.ts'
import { FileContents } from '../src/serving/batches/file-contents.ts'
import { openStore } from '../src/store/open-store.ts'

const endpoint = '/v1/chat/completions'

/** Batches over a real database and real files, without a village. */
export async function openBatchParts(options: {
  readonly folder: string
  readonly seed: number
  readonly room?: () => number
  readonly clock?: Clock
  readonly maxLines?: number
}) {
  const { folder, clock = systemClock } = options
  const store = await openStore({ path: join(folder, 'village.db'), durability: 'process' })
  const ids = createIds(clock, seededRandom(options.seed))
  const contents = new FileContents(join(folder, 'files'))
  const errors: unknown[] = []
  const processor = new BatchProcessor({
    store: store.batches,
    contents,
    clock,
    ids,
    maxLines: options.maxLines ?? 10_000,
    room: options.room ?? (() => 4),
    linesPerMinute: 1e9,
    onError: (error) => void errors.push(error),
  })
  const batches = new Batches({
    store: store.batches,
    contents,
    processor,
    clock,
    ids,
    maxFileBytes: 1_000_000,
    completionWindowMs: 86_400_000,
  })
  const submit = async (lines: readonly (object | string)[], tenant = 'key_1'): Promise<Batch> => {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
    const content = new TextEncoder().encode(text.join('\n'))
    const file = await batches.upload({ tenant, filename: 'requests.jsonl', content })
    return batches.create({ tenant, inputFileId: file.id, endpoint, metadata: null })
  }
  return { store, processor, batches, contents, errors, submit }
}

export function request(customId: string, body: object = { n: customId }): object {
  return { custom_id: customId, method: 'POST', url: endpoint, body }
}

type OutputLine = {
  readonly custom_id: string
  readonly response: { readonly status_code: number; readonly body: unknown } | null
  readonly error: { readonly code: string } | null
}

/** The lines of a file that a batch wrote; none where it wrote no file. */
export async function linesOf(
  batches: Pick<Batches, 'content'>,
  tenant: string,
  fileId: string | null,
): Promise<readonly OutputLine[]> {
  if (fileId === null) return []
  const chunks: Buffer[] = []
  for await (const chunk of await batches.content(tenant, fileId)) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as OutputLine)
}
