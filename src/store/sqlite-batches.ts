import type { Batch, BatchResult, BatchStatus, BatchStore } from '../kernel/batch.ts'
import type { Page, StoredFile } from '../kernel/batch.ts'
import type { GroupCommitWriter } from './group-commit-writer.ts'
import type { StoreReader } from './store-reader.ts'

const resultsInPage = 200

const finished: ReadonlySet<BatchStatus> = new Set(['failed', 'completed', 'expired', 'cancelled'])

export class SqliteBatches implements BatchStore {
  readonly #reader: StoreReader
  readonly #writer: GroupCommitWriter

  constructor(reader: StoreReader, writer: GroupCommitWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async saveFile(file: StoredFile): Promise<void> {
    const values = [file.id, file.tenant, JSON.stringify(file)]
    await this.#writer.write([{ statement: 'stored_files', values }])
  }

  file(id: string): Promise<StoredFile | null> {
    return this.#find<StoredFile>('stored_files', id)
  }

  files(tenant: string, page: Page): Promise<readonly StoredFile[]> {
    return this.#list<StoredFile>('stored_files', tenant, page)
  }

  async removeFile(id: string): Promise<void> {
    await this.#writer.write([{ statement: 'stored_files_removed', values: [id] }])
  }

  async saveBatch(batch: Batch): Promise<void> {
    const isFinished = finished.has(batch.status) ? 1 : 0
    const values = [batch.id, batch.tenant, JSON.stringify(batch), isFinished]
    await this.#writer.write([
      { statement: 'batches', values },
      ...(finished.has(batch.status)
        ? [{ statement: 'batch_results_removed', values: [batch.id] } as const]
        : []),
    ])
  }

  batch(id: string): Promise<Batch | null> {
    return this.#find<Batch>('batches', id)
  }

  batches(tenant: string, page: Page): Promise<readonly Batch[]> {
    return this.#list<Batch>('batches', tenant, page)
  }

  async unfinishedBatches(): Promise<readonly Batch[]> {
    const rows = await this.#reader.read((database) =>
      database
        .selectFrom('batches')
        .select('body')
        .where('finished', '=', 0)
        .orderBy('id')
        .execute(),
    )
    return rows.map(({ body }) => JSON.parse(body) as Batch)
  }

  async addResult(batchId: string, { line, failed, body }: BatchResult): Promise<void> {
    const values = [batchId, line, failed ? 1 : 0, body]
    await this.#writer.write([{ statement: 'batch_results', values }])
  }

  async *results(batchId: string): AsyncIterable<BatchResult> {
    let last = -1
    for (;;) {
      const after = last
      const rows = await this.#reader.read((database) =>
        database
          .selectFrom('batch_results')
          .select(['line', 'failed', 'body'])
          .where('batch_id', '=', batchId)
          .where('line', '>', after)
          .orderBy('line')
          .limit(resultsInPage)
          .execute(),
      )
      for (const { line, failed, body } of rows) yield { line, failed: failed === 1, body }
      if (rows.length < resultsInPage) return
      last = rows.at(-1)?.line ?? last
    }
  }

  async answeredLines(batchId: string): Promise<ReadonlyMap<number, { readonly failed: boolean }>> {
    const rows = await this.#reader.read((database) =>
      database
        .selectFrom('batch_results')
        .select(['line', 'failed'])
        .where('batch_id', '=', batchId)
        .execute(),
    )
    return new Map(rows.map(({ line, failed }) => [line, { failed: failed === 1 }]))
  }

  async #find<Value>(table: 'batches' | 'stored_files', id: string): Promise<Value | null> {
    const row = await this.#reader.read((database) =>
      database.selectFrom(table).select('body').where('id', '=', id).executeTakeFirst(),
    )
    return row === undefined ? null : (JSON.parse(row.body) as Value)
  }

  async #list<Value>(
    table: 'batches' | 'stored_files',
    tenant: string,
    { after, limit }: Page,
  ): Promise<readonly Value[]> {
    const rows = await this.#reader.read((database) =>
      database
        .selectFrom(table)
        .select('body')
        .where('tenant', '=', tenant)
        .$if(after !== undefined, (query) => query.where('id', '<', after ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    )
    return rows.map(({ body }) => JSON.parse(body) as Value)
  }
}
