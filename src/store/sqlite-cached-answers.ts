import type { CachedAnswer, CachedAnswerHead, CachedAnswerStore } from '../kernel/cached-answer.ts'
import type { GroupCommitWriter } from './group-commit-writer.ts'
import type { StoreReader } from './store-reader.ts'

export class SqliteCachedAnswers implements CachedAnswerStore {
  readonly #reader: StoreReader
  readonly #writer: GroupCommitWriter

  constructor(reader: StoreReader, writer: GroupCommitWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async save({ head, ...rest }: CachedAnswer): Promise<void> {
    const values = [head.key, head.storedAtMs, JSON.stringify(head), JSON.stringify(rest)]
    await this.#writer.write([{ statement: 'cached_answers', values }])
  }

  async load(key: string): Promise<CachedAnswer | null> {
    const row = await this.#reader.read((database) =>
      database
        .selectFrom('cached_answers')
        .select(['head', 'body'])
        .where('key', '=', key)
        .executeTakeFirst(),
    )
    if (row === undefined) return null
    const head = JSON.parse(row.head) as CachedAnswerHead
    return { head, ...(JSON.parse(row.body) as Omit<CachedAnswer, 'head'>) }
  }

  async heads(): Promise<readonly CachedAnswerHead[]> {
    const rows = await this.#reader.read((database) =>
      database.selectFrom('cached_answers').select('head').orderBy('stored_at_ms').execute(),
    )
    return rows.map(({ head }) => JSON.parse(head) as CachedAnswerHead)
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.#writer.write(
      keys.map((key) => ({ statement: 'cached_answers_removed', values: [key] })),
    )
  }
}
