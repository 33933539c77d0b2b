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
}

export type LedgerTableName = keyof LedgerTables

export type VillageTables = LedgerTables & {
  /** Kept by triggers, so that counting does not grow with the history. */
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
  }
}
