import type { Generated } from 'kysely'

/** What every ledger table has; `body` is the whole record as JSON, the columns are for queries. */
type LedgerColumns = {
  readonly record_key: string | null
  readonly agent: string | null
  readonly task_id: string | null
  readonly at_ms: number
  readonly body: string
}

/** `sequence` is the order of insertion. */
type LedgerTable<Extra = unknown> = LedgerColumns & { readonly sequence: Generated<number> } & Extra

type LedgerTables = {
  interactions: LedgerTable<{
    readonly purpose: string
    readonly model: string
    readonly model_kind: string
    readonly checkpoint: string | null
    readonly cost_nano_usd: number
    readonly failed: number
  }>
  decisions: LedgerTable<{
    readonly kind: string
    readonly route: string
    readonly model: string
    readonly checkpoint: string | null
    readonly cost_nano_usd: number
    readonly always_frontier_cost_nano_usd: number
  }>
  comparisons: LedgerTable<{
    readonly kind: string
    readonly checkpoint: string | null
    readonly source: string
    readonly verdict: string
  }>
  feedback: LedgerTable<{ readonly decision_id: string }>
  examples: LedgerTable<{ readonly kind: string; readonly use: string }>
  preference_pairs: LedgerTable<{ readonly kind: string; readonly checkpoint: string | null }>
  dataset_versions: LedgerTable<{ readonly hash: string }>
  checkpoints: LedgerTable<{ readonly training_run_id: string }>
  evaluation_reports: LedgerTable<{ readonly candidate: string }>
  promotions: LedgerTable<{ readonly to_checkpoint: string | null }>
  threshold_changes: LedgerTable
  cache_checks: LedgerTable<{ readonly tenant: string; readonly band: number }>
}

export type LedgerTableName = keyof LedgerTables

type OwnedTable = {
  readonly id: string
  readonly tenant: string
  readonly body: string
}

export type VillageTables = LedgerTables & {
  /** Kept by the writer in every group's transaction, so that counting does not grow with the history. */
  record_counts: {
    readonly table_name: string
    /** Empty for records without an agent. */
    readonly agent: string
    readonly records: number
  }
  training_runs: {
    readonly id: string
    readonly agent: string
    readonly status: string
    readonly started_at_ms: number
    readonly body: string
  }
  states: { readonly key: string; readonly value: string }
  api_keys: {
    readonly id: string
    readonly name: string
    readonly hash: string
    readonly created_at_ms: number
    readonly revoked_at_ms: number | null
    readonly role: string
    readonly expires_at_ms: number | null
    /** JSON: allowed models, rate limits and budgets. */
    readonly restrictions: string
  }
  /** Kept by the writer in the transaction of the interactions that cost it. */
  spend_by_day: {
    /** Empty for what no key pays for. */
    readonly key_id: string
    /** Whole days since the Unix epoch, in UTC. */
    readonly day: number
    readonly nano_usd: number
  }
  cached_answers: {
    readonly key: string
    readonly stored_at_ms: number
    readonly head: string
    readonly body: string
  }
  stored_files: OwnedTable
  batches: OwnedTable & { readonly finished: number }
  batch_results: {
    readonly batch_id: string
    readonly line: number
    readonly failed: number
    readonly body: string
  }
}
