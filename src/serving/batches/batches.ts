import type { Readable } from 'node:stream'
import type { Batch, BatchStore, Page, StoredFile } from '../../kernel/batch.ts'
import type { Clock } from '../../kernel/clock.ts'
import { InvalidRequestError } from '../../kernel/errors.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { BatchProcessor } from './batch-processor.ts'
import type { FileContents } from './file-contents.ts'

type BatchesParts = {
  readonly store: BatchStore
  readonly contents: FileContents
  readonly processor: BatchProcessor
  readonly clock: Clock
  readonly ids: Ids
  readonly maxFileBytes: number
  readonly completionWindowMs: number
}

/** Unfinished batches that one tenant may have at a time. */
const mostUnfinished = 100

/** Files and batches as their tenant sees them: what belongs to another one does not exist. */
export class Batches {
  readonly #parts: BatchesParts
  readonly maxFileBytes: number

  constructor(parts: BatchesParts) {
    this.#parts = parts
    this.maxFileBytes = parts.maxFileBytes
  }

  async upload(upload: {
    readonly tenant: string
    readonly filename: string
    readonly content: Uint8Array
  }): Promise<StoredFile> {
    const { store, contents, clock, ids } = this.#parts
    const { tenant, filename, content } = upload
    const file: StoredFile = {
      id: ids.next('file'),
      tenant,
      filename,
      purpose: 'batch',
      sizeBytes: content.length,
      createdAtMs: clock.now(),
    }
    await contents.write(file.id, content)
    await store.saveFile(file)
    return file
  }

  async file(tenant: string, id: string): Promise<StoredFile> {
    const file = await this.#parts.store.file(id)
    if (file === null || file.tenant !== tenant) throw unknown('file', id)
    return file
  }

  files(tenant: string, page: Page): Promise<readonly StoredFile[]> {
    return this.#parts.store.files(tenant, page)
  }

  async content(tenant: string, id: string): Promise<Readable> {
    await this.file(tenant, id)
    return this.#parts.contents.read(id)
  }

  async removeFile(tenant: string, id: string): Promise<void> {
    const { store, contents } = this.#parts
    await this.file(tenant, id)
    const reading = (await store.unfinishedBatches()).find(({ inputFileId }) => inputFileId === id)
    if (reading !== undefined) {
      throw new InvalidRequestError(
        `The batch ${reading.id} still reads this file. Wait for it or cancel it first.`,
        { code: 'file_in_use', param: 'file_id' },
      )
    }
    await store.removeFile(id)
    await contents.remove(id)
  }

  async create(wanted: {
    readonly tenant: string
    readonly inputFileId: string
    readonly endpoint: string
    readonly metadata: JsonObject | null
  }): Promise<Batch> {
    const { store, processor, clock, ids, completionWindowMs } = this.#parts
    const { tenant, inputFileId, endpoint, metadata } = wanted
    const file = await this.file(tenant, inputFileId)
    if (file.purpose !== 'batch') {
      throw new InvalidRequestError(
        `The file ${inputFileId} was written by a batch. Upload the requests with purpose "batch".`,
        { code: 'invalid_file_purpose', param: 'input_file_id' },
      )
    }
    const unfinished = (await store.unfinishedBatches()).filter((batch) => batch.tenant === tenant)
    if (unfinished.length >= mostUnfinished) {
      throw new InvalidRequestError(
        `You have ${unfinished.length} unfinished batches, the most there may be. Wait for one of them or cancel it.`,
        { code: 'too_many_batches' },
      )
    }
    const createdAtMs = clock.now()
    const batch: Batch = {
      id: ids.next('batch'),
      tenant,
      endpoint,
      inputFileId,
      outputFileId: null,
      errorFileId: null,
      status: 'validating',
      problems: [],
      counts: { total: 0, completed: 0, failed: 0 },
      metadata,
      createdAtMs,
      expiresAtMs: createdAtMs + completionWindowMs,
      reachedAtMs: {},
    }
    await store.saveBatch(batch)
    processor.add(batch)
    return batch
  }

  async batch(tenant: string, id: string): Promise<Batch> {
    const batch = this.#parts.processor.current(id) ?? (await this.#parts.store.batch(id))
    if (batch === null || batch.tenant !== tenant) throw unknown('batch', id)
    return batch
  }

  async batches(tenant: string, page: Page): Promise<readonly Batch[]> {
    const { store, processor } = this.#parts
    const stored = await store.batches(tenant, page)
    return stored.map((batch) => processor.current(batch.id) ?? batch)
  }

  async cancel(tenant: string, id: string): Promise<Batch> {
    const batch = await this.batch(tenant, id)
    return (await this.#parts.processor.cancel(id)) ?? batch
  }
}

function unknown(what: 'file' | 'batch', id: string): InvalidRequestError {
  return new InvalidRequestError(`There is no ${what} "${id.slice(0, 128)}".`, {
    code: `${what}_not_found`,
    param: `${what}_id`,
  })
}
