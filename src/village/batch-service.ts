import type { Readable } from 'node:stream'
import type { Batch, Page, StoredFile } from '../kernel/batch.ts'
import type { JsonObject } from '../kernel/json.ts'

/**
 * Files and batches of one tenant at a time: what belongs to another one does not exist. Failures are
 * `VillageError`s.
 */
export type BatchService = {
  readonly maxFileBytes: number
  upload(file: {
    readonly tenant: string
    readonly filename: string
    readonly content: Uint8Array
  }): Promise<StoredFile>
  file(tenant: string, id: string): Promise<StoredFile>
  files(tenant: string, page: Page): Promise<readonly StoredFile[]>
  content(tenant: string, id: string): Promise<Readable>
  /** Refused while a batch still reads the file. */
  removeFile(tenant: string, id: string): Promise<void>
  create(batch: {
    readonly tenant: string
    readonly inputFileId: string
    readonly endpoint: string
    readonly metadata: JsonObject | null
  }): Promise<Batch>
  batch(tenant: string, id: string): Promise<Batch>
  batches(tenant: string, page: Page): Promise<readonly Batch[]>
  cancel(tenant: string, id: string): Promise<Batch>
}
