import type { LedgerEntry, LedgerEntryType } from '../kernel/stores.ts'
import type { LedgerTableName } from './database.ts'

type SqlValue = string | number | null

const tables = {
  interaction: 'interactions',
  decision: 'decisions',
  comparison: 'comparisons',
  feedback: 'feedback',
  example: 'examples',
  'preference-pair': 'preference_pairs',
  'dataset-version': 'dataset_versions',
  checkpoint: 'checkpoints',
  'evaluation-report': 'evaluation_reports',
  promotion: 'promotions',
  'threshold-change': 'threshold_changes',
  'cache-check': 'cache_checks',
} as const satisfies Record<LedgerEntryType, LedgerTableName>

export function tableOf(type: LedgerEntryType): LedgerTableName {
  return tables[type]
}

/** Columns in the order in which `columnsOf` gives their values. */
export const columnNames = {
  interactions: columns('purpose', 'model', 'model_kind', 'checkpoint', 'cost_nano_usd', 'failed'),
  decisions: columns(
    'kind',
    'route',
    'model',
    'checkpoint',
    'cost_nano_usd',
    'always_frontier_cost_nano_usd',
  ),
  comparisons: columns('kind', 'checkpoint', 'source', 'verdict'),
  feedback: columns('decision_id'),
  examples: columns('kind', 'use'),
  preference_pairs: columns('kind', 'checkpoint'),
  dataset_versions: columns('hash'),
  checkpoints: columns('training_run_id'),
  evaluation_reports: columns('candidate'),
  promotions: columns('to_checkpoint'),
  threshold_changes: columns(),
  cache_checks: columns('tenant', 'band'),
} as const satisfies Record<LedgerTableName, readonly string[]>

/** Where the record, as JSON, and the agent stand in the values of every ledger row. */
export const bodyPosition = 4
export const agentPosition = 1

export function isLedgerTable(name: string): name is LedgerTableName {
  return Object.hasOwn(columnNames, name)
}

function columns(...extra: readonly string[]): readonly string[] {
  return ['record_key', 'agent', 'task_id', 'at_ms', 'body', ...extra]
}

/** The values of one row: key, agent, task, time, the record as JSON, then the table's own. */
export function valuesOf(entry: LedgerEntry): readonly SqlValue[] {
  const body = JSON.stringify(entry.record)
  switch (entry.type) {
    case 'interaction': {
      const record = entry.record
      return [
        record.id,
        record.agent,
        record.taskId,
        record.startedAtMs,
        body,
        record.purpose,
        record.model,
        record.modelKind,
        record.checkpoint,
        record.usage.cost,
        record.error === null ? 0 : 1,
      ]
    }
    case 'decision': {
      const record = entry.record
      return [
        record.id,
        record.agent,
        record.taskId,
        record.decidedAtMs,
        body,
        record.kind,
        record.route,
        record.model,
        record.checkpoint,
        record.cost,
        record.alwaysFrontierCost,
      ]
    }
    case 'comparison': {
      const { id, agent, taskId, comparedAtMs, kind, checkpoint, source, verdict } = entry.record
      return [id, agent, taskId, comparedAtMs, body, kind, checkpoint, source, verdict]
    }
    case 'feedback': {
      const { id, taskId, receivedAtMs, decisionId } = entry.record
      return [id, null, taskId, receivedAtMs, body, decisionId]
    }
    case 'example': {
      const { id, agent, taskId, createdAtMs, kind, use } = entry.record
      return [id, agent, taskId, createdAtMs, body, kind, use]
    }
    case 'preference-pair': {
      const { id, agent, taskId, createdAtMs, kind, checkpoint } = entry.record
      return [id, agent, taskId, createdAtMs, body, kind, checkpoint]
    }
    case 'dataset-version': {
      const { id, agent, createdAtMs, hash } = entry.record
      return [id, agent, null, createdAtMs, body, hash]
    }
    case 'checkpoint': {
      const { hash, agent, createdAtMs, trainingRunId } = entry.record
      return [hash, agent, null, createdAtMs, body, trainingRunId]
    }
    case 'evaluation-report': {
      const { id, agent, evaluatedAtMs, candidate } = entry.record
      return [id, agent, null, evaluatedAtMs, body, candidate]
    }
    case 'promotion': {
      const { id, agent, atMs, to } = entry.record
      return [id, agent, null, atMs, body, to]
    }
    case 'threshold-change': {
      const { agent, atMs } = entry.record
      return [null, agent, null, atMs, body]
    }
    case 'cache-check': {
      const { id, agent, taskId, checkedAtMs, tenant, band } = entry.record
      return [id, agent, taskId, checkedAtMs, body, tenant, band]
    }
  }
}
