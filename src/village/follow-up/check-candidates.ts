import type { Clock } from '../../kernel/clock.ts'
import type { Comparison } from '../../kernel/comparison.ts'
import type { LedgerEntry } from '../../kernel/stores.ts'
import type { ThresholdChange } from '../../kernel/training.ts'
import type { AuditMoney } from '../access/audit-money.ts'
import { callBeside } from './call-beside.ts'
import type { CandidatePlan } from '../planning/candidate-chain.ts'
import type { ModelCall } from '../answering/model-call.ts'
import { compareCalls } from './compare-calls.ts'
import type { PlannedTask } from '../planning/planned-task.ts'
import type { TaskRouter } from '../planning/task-router.ts'
import type { ModelCatalogue } from '../../kernel/model-adapter.ts'

type Parts = Parameters<typeof callBeside>[0] &
  Parameters<typeof compareCalls>[3] & {
    readonly auditMoney: AuditMoney
    readonly catalogue: ModelCatalogue
    readonly router: TaskRouter
  }

/** What became known of candidates by one task; a null comparison is one that failed or was refused. */
type CandidateCheck = {
  readonly plan: CandidatePlan
  readonly comparison: Comparison | null
}

export type CandidateChecks = {
  readonly calls: readonly ModelCall[]
  readonly checks: readonly CandidateCheck[]
}

/** Compares what candidates said with the agent's own frontier model, where the plan asks for it. */
export async function checkCandidates(
  { task, chain }: PlannedTask,
  answers: {
    /** Of the candidate that served; null where another model did. */
    readonly served: ModelCall | null
    readonly reference: ModelCall | null
  },
  parts: Parts,
): Promise<CandidateChecks> {
  if (chain === null) return { calls: [], checks: [] }
  const { served, reference } = answers
  const checks: CandidateCheck[] = []
  const compared = (plan: CandidatePlan, call: ModelCall | null, source: 'audit' | 'shadow') =>
    compareCalls(
      task,
      { candidate: call, reference },
      { source, probability: probabilityOf(plan, source) },
      parts,
    ).then((one) => (one === null ? null : { ...one, checkpoint: plan.model }))
  if (chain.serving !== null && chain.audit && served !== null) {
    const comparison = reference === null ? null : await compared(chain.serving, served, 'audit')
    checks.push({ plan: chain.serving, comparison })
  }
  if (chain.checked === null) return { calls: [], checks }
  const call = await askCandidate(task, chain.checked.model, parts)
  const comparison = await compared(chain.checked, call, 'shadow')
  const isMissing = call === null || reference === null || reference.answer === null
  if (comparison !== null || isMissing) checks.push({ plan: chain.checked, comparison })
  return { calls: call === null ? [] : [call], checks }
}

/** Records and counts them, in the order of the tasks; returns what became of the certificates. */
export async function applyCandidateChecks(
  { task }: PlannedTask,
  { checks }: CandidateChecks,
  parts: {
    readonly router: TaskRouter
    readonly clock: Clock
    readonly commit: (entries: readonly LedgerEntry[]) => Promise<void>
  },
): Promise<readonly ThresholdChange[]> {
  const { chain } = parts.router
  if (chain === null) return []
  const opened = await chain.changes(task.agent, parts.clock.now())
  if (opened.length > 0) {
    await parts.commit(opened.map((record) => ({ type: 'threshold-change', record })))
  }
  const changes: ThresholdChange[] = []
  for (const { plan, comparison } of checks) {
    if (comparison !== null) {
      const record = chain.marked(task.agent, plan, comparison)
      await parts.commit([{ type: 'comparison', record }])
    }
    changes.push(...(await chain.certify(task.agent, plan, comparison, parts.clock.now())))
  }
  return changes
}

function probabilityOf({ certified }: CandidatePlan, source: 'audit' | 'shadow'): number {
  return source === 'audit' ? certified.auditProbability : certified.shadowProbability
}

async function askCandidate(
  task: PlannedTask['task'],
  model: string,
  parts: Parts,
): Promise<ModelCall | null> {
  const adapter = await parts.catalogue.adapter(model, parts.signal)
  const request = parts.router.composeFrontier(task, adapter)
  const call = await callBeside(parts, task, 'shadow', { route: 'frontier', adapter, request })
  if (call === null) parts.auditMoney.noteRefused(request, adapter.description)
  return call
}
