import type { AgentName } from './agent-name.ts'
import type { ApiKey } from './api-key.ts'
import type { BatchStore } from './batch.ts'
import type { CacheCheck } from './cache-check.ts'
import type { CachedAnswerStore } from './cached-answer.ts'
import type { Comparison, Feedback } from './comparison.ts'
import type { DayNumber } from './days.ts'
import type { DatasetVersion, Example, PreferencePair } from './dataset.ts'
import type { Decision } from './decision.ts'
import type { Interaction } from './interaction.ts'
import type { JsonValue } from './json.ts'
import type { NanoUsd } from './money.ts'
import type {
  Checkpoint,
  EvaluationReport,
  Promotion,
  ThresholdChange,
  TrainingRun,
} from './training.ts'

/** Everything that is only ever added. */
export type LedgerEntry =
  | { readonly type: 'interaction'; readonly record: Interaction }
  | { readonly type: 'decision'; readonly record: Decision }
  | { readonly type: 'comparison'; readonly record: Comparison }
  | { readonly type: 'feedback'; readonly record: Feedback }
  | { readonly type: 'example'; readonly record: Example }
  | { readonly type: 'preference-pair'; readonly record: PreferencePair }
  | { readonly type: 'dataset-version'; readonly record: DatasetVersion }
  | { readonly type: 'checkpoint'; readonly record: Checkpoint }
  | { readonly type: 'evaluation-report'; readonly record: EvaluationReport }
  | { readonly type: 'promotion'; readonly record: Promotion }
  | { readonly type: 'threshold-change'; readonly record: ThresholdChange }
  | { readonly type: 'cache-check'; readonly record: CacheCheck }

export type LedgerEntryType = LedgerEntry['type']

export type LedgerRecord<Type extends LedgerEntryType> = Extract<
  LedgerEntry,
  { type: Type }
>['record']

/** `newestFirst` with `limit` reads the tail without touching the rest. */
export type LedgerQuery = {
  readonly agent?: AgentName
  readonly taskId?: string
  readonly sinceMs?: number
  readonly newestFirst?: boolean
  readonly limit?: number
}

/**
 * The ledger. `commit` resolves when the database has the entries (group commit); either all
 * entries of one call are written or none.
 */
export type Ledger = {
  commit(entries: readonly LedgerEntry[]): Promise<void>
  /**
   * For the path of a request: resolves as soon as the entries survive what the store's durability
   * names. The database has them soon after, and every read waits for that.
   */
  record(entries: readonly LedgerEntry[]): Promise<void>
  list<Type extends LedgerEntryType>(
    type: Type,
    query?: LedgerQuery,
  ): Promise<readonly LedgerRecord<Type>[]>
  /** By primary key: an id, or the hash of a checkpoint. */
  get<Type extends LedgerEntryType>(type: Type, key: string): Promise<LedgerRecord<Type> | null>
  count(type: LedgerEntryType, query?: LedgerQuery): Promise<number>
  /** Every record in insertion order, in pages, for exports: memory stays flat. */
  scan<Type extends LedgerEntryType>(type: Type): AsyncIterable<LedgerRecord<Type>>
}

/** Training runs change while they go; `save` replaces by id. */
export type TrainingRunStore = {
  save(run: TrainingRun): Promise<void>
  get(id: string): Promise<TrainingRun | null>
  list(query?: {
    readonly agent?: AgentName
    readonly limit?: number
  }): Promise<readonly TrainingRun[]>
}

/** Small states that a restart takes up again: evaluators, kinds, settings. `save` replaces by key. */
export type StateStore = {
  load(key: string): Promise<JsonValue | null>
  save(key: string, value: JsonValue): Promise<void>
}

export type ApiKeyStore = {
  /** Replaces by id. */
  save(key: ApiKey): Promise<void>
  get(id: string): Promise<ApiKey | null>
  findByHash(hash: string): Promise<ApiKey | null>
  list(): Promise<readonly ApiKey[]>
}

/** What one key spent; a null `keyId` is what the village spent by itself. */
export type SpendSum = {
  readonly keyId: string | null
  readonly day: NanoUsd
  readonly week: NanoUsd
  readonly month: NanoUsd
  readonly total: NanoUsd
}

/** Written with the interactions, in the same transaction, so it never differs from the ledger. */
export type SpendStore = {
  /** Sums from the given days on. */
  sums(since: {
    readonly day: DayNumber
    readonly week: DayNumber
    readonly month: DayNumber
  }): Promise<readonly SpendSum[]>
}

export type VillageStore = {
  readonly ledger: Ledger
  readonly runs: TrainingRunStore
  readonly states: StateStore
  readonly keys: ApiKeyStore
  readonly spend: SpendStore
  readonly answers: CachedAnswerStore
  readonly batches: BatchStore
  /** Waits for what is being committed, then closes; later calls throw `StoreError`. */
  close(): Promise<void>
}
