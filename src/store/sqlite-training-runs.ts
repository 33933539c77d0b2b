import type { AgentName } from '../kernel/agent-name.ts'
import type { TrainingRunStore } from '../kernel/stores.ts'
import type { TrainingRun } from '../kernel/training.ts'
import type { GroupCommitWriter } from './group-commit-writer.ts'
import type { StoreReader } from './store-reader.ts'

const defaultLimit = 100

export class SqliteTrainingRuns implements TrainingRunStore {
  readonly #reader: StoreReader
  readonly #writer: GroupCommitWriter

  constructor(reader: StoreReader, writer: GroupCommitWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  async save(run: TrainingRun): Promise<void> {
    const values = [run.id, run.agent, run.status, run.startedAtMs, JSON.stringify(run)]
    await this.#writer.write([{ statement: 'training_runs', values }])
  }

  async get(id: string): Promise<TrainingRun | null> {
    const row = await this.#reader.read((database) =>
      database.selectFrom('training_runs').select('body').where('id', '=', id).executeTakeFirst(),
    )
    return row === undefined ? null : (JSON.parse(row.body) as TrainingRun)
  }

  /** Newest first; at most 100 unless `limit` says otherwise. */
  async list(
    query: { readonly agent?: AgentName; readonly limit?: number } = {},
  ): Promise<readonly TrainingRun[]> {
    const { agent, limit = defaultLimit } = query
    const rows = await this.#reader.read((database) => {
      const runs = database
        .selectFrom('training_runs')
        .select('body')
        .orderBy('started_at_ms', 'desc')
        .orderBy('rowid' as 'id', 'desc')
        .limit(limit)
      return (agent === undefined ? runs : runs.where('agent', '=', agent)).execute()
    })
    return rows.map(({ body }) => JSON.parse(body) as TrainingRun)
  }
}
