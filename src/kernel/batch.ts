import type { JsonObject } from './json.ts'

/** A file that a tenant sent, or that a batch wrote for it. The content stands elsewhere. */
export type StoredFile = {
  readonly id: string
  readonly tenant: string
  readonly filename: string
  readonly purpose: 'batch' | 'batch_output'
  readonly sizeBytes: number
  readonly createdAtMs: number
}

export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled'

/** Why an input file cannot be worked on; `line` counts from 1. */
export type BatchProblem = {
  readonly code: string
  readonly message: string
  readonly line: number | null
  readonly param: string | null
}

/** Many requests in one file, answered when there is room. */
export type Batch = {
  readonly id: string
  readonly tenant: string
  readonly endpoint: string
  readonly inputFileId: string
  /** Named before they are written, so that a crash cannot leave two of them. */
  readonly outputFileId: string | null
  readonly errorFileId: string | null
  readonly status: BatchStatus
  readonly problems: readonly BatchProblem[]
  readonly counts: { readonly total: number; readonly completed: number; readonly failed: number }
  readonly metadata: JsonObject | null
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** When the batch first came to each status. */
  readonly reachedAtMs: Readonly<Partial<Record<BatchStatus, number>>>
}

/** What became of one line of the input, as the output or the error file will say it. */
export type BatchResult = {
  /** Counts from 0. */
  readonly line: number
  readonly failed: boolean
  /** One line of JSON without its line end. */
  readonly body: string
}

export type Page = { readonly after?: string; readonly limit: number }

/** Batches and what they have so far. `save…` replaces by id; lists are newest first. */
export type BatchStore = {
  saveFile(file: StoredFile): Promise<void>
  file(id: string): Promise<StoredFile | null>
  files(tenant: string, page: Page): Promise<readonly StoredFile[]>
  removeFile(id: string): Promise<void>
  /** Forgets the results of a batch that has come to its end: its files hold them. */
  saveBatch(batch: Batch): Promise<void>
  batch(id: string): Promise<Batch | null>
  batches(tenant: string, page: Page): Promise<readonly Batch[]>
  /** Oldest first. */
  unfinishedBatches(): Promise<readonly Batch[]>
  /** The first result of a line stays; a later one for the same line changes nothing. */
  addResult(batchId: string, result: BatchResult): Promise<void>
  /** In the order of lines, in pages: memory stays flat. */
  results(batchId: string): AsyncIterable<BatchResult>
  /** The lines that have a result, and which of them failed, without the results' bodies. */
  answeredLines(batchId: string): Promise<ReadonlyMap<number, { readonly failed: boolean }>>
}
