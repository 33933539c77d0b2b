import type { AgentName } from '../kernel/agent-name.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Decision } from '../kernel/decision.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { NanoUsd } from '../kernel/money.ts'
import type { LedgerEntry, Ledger } from '../kernel/stores.ts'
import type { Task } from '../kernel/task.ts'
import { answeredInteraction, failedInteraction } from './interaction-record.ts'
import type { Plan } from './plan.ts'
import { answerWithFallback, streamWithFallback } from './serve-with-fallback.ts'
import type { Candidate, FailedCall, ServedCall } from './serve-with-fallback.ts'
import type { AnsweredTask, AnswerEvent } from './village-service.ts'

/** A task that is planned and has its models: all that is left is to call them. */
export type PreparedTask = {
  readonly taskId: string
  readonly requestedModel: string
  readonly streamed: boolean
  readonly agent: AgentName | null
  /** Null when the client named the model itself. */
  readonly plan: Plan | null
  readonly task: Task | null
  readonly candidates: readonly Candidate[]
}

export type AnswerPorts = {
  readonly ledger: Ledger
  /** True when the frontier is the simulation: said in every decision. */
  readonly simulated: boolean
  readonly clock: Clock
  readonly ids: Ids
  /** What the frontier would have cost for a task of this kind. */
  estimateFrontierCost(agent: AgentName, kind: string): NanoUsd
  datasetOf(checkpoint: string | null): string | null
  /** Called once the records are committed. */
  onCommitted(records: {
    readonly decision: Decision | null
    readonly interactions: readonly Interaction[]
  }): void
}

export type AnsweredWithRecords = AnsweredTask & {
  readonly interaction: Interaction
  readonly served: ServedCall
}

/** Answers and commits: when this resolves, the interaction survives the process's death. */
export async function answerTask(
  prepared: PreparedTask,
  ports: AnswerPorts,
  signal: AbortSignal,
): Promise<AnsweredWithRecords> {
  const failures: FailedCall[] = []
  const serving = {
    candidates: prepared.candidates,
    signal,
    clock: ports.clock,
    onFailure: (failed: FailedCall) => void failures.push(failed),
  }
  try {
    const served = await answerWithFallback(serving)
    return await commitAnswer(prepared, served, failures, ports)
  } catch (error) {
    await commitFailures(prepared, failures, ports)
    throw error
  }
}

/** Yields deltas as they come; `answered` comes last, after the commit. */
export async function* streamTask(
  prepared: PreparedTask,
  ports: AnswerPorts,
  signal: AbortSignal,
): AsyncGenerator<Exclude<AnswerEvent, { type: 'answered' }>, AnsweredWithRecords> {
  const failures: FailedCall[] = []
  try {
    const served = yield* streamWithFallback({
      candidates: prepared.candidates,
      signal,
      clock: ports.clock,
      onFailure: (failed) => void failures.push(failed),
    })
    return await commitAnswer(prepared, served, failures, ports)
  } catch (error) {
    await commitFailures(prepared, failures, ports)
    throw error
  }
}

async function commitAnswer(
  prepared: PreparedTask,
  served: ServedCall,
  failures: FailedCall[],
  ports: AnswerPorts,
): Promise<AnsweredWithRecords> {
  const interaction = answeredInteraction(
    contextOf(prepared, ports, served.answer.checkpoint ?? null),
    served,
  )
  const decision = decisionOf(prepared, served, interaction, failures, ports)
  const failed = failures.splice(0).map((failure) => recordOf(prepared, failure, ports))
  await ports.ledger.commit([
    ...failed.map((record): LedgerEntry => ({ type: 'interaction', record })),
    { type: 'interaction', record: interaction },
    { type: 'decision', record: decision },
  ])
  ports.onCommitted({ decision, interactions: [...failed, interaction] })
  return { answer: served.answer, decision, interaction, served }
}

/** Calls that gave no answer are recorded too: the bill and the error rate need them. */
async function commitFailures(
  prepared: PreparedTask,
  failures: FailedCall[],
  ports: AnswerPorts,
): Promise<void> {
  if (failures.length === 0) return
  const interactions = failures.splice(0).map((failure) => recordOf(prepared, failure, ports))
  await ports.ledger.commit(
    interactions.map((record): LedgerEntry => ({ type: 'interaction', record })),
  )
  ports.onCommitted({ decision: null, interactions })
}

function recordOf(prepared: PreparedTask, failure: FailedCall, ports: AnswerPorts): Interaction {
  return failedInteraction(contextOf(prepared, ports, null), failure)
}

function contextOf(prepared: PreparedTask, ports: AnswerPorts, checkpoint: string | null) {
  return {
    id: ports.ids.next('int'),
    taskId: prepared.taskId,
    agent: prepared.agent,
    purpose: 'serve' as const,
    checkpoint,
    streamed: prepared.streamed,
  }
}

function decisionOf(
  prepared: PreparedTask,
  served: ServedCall,
  interaction: Interaction,
  failures: readonly FailedCall[],
  ports: AnswerPorts,
): Decision {
  const { plan, agent } = prepared
  const { answer, candidate } = served
  const local = candidate.route === 'local'
  const estimated = local && agent !== null && plan !== null
  return {
    id: ports.ids.next('dec'),
    taskId: prepared.taskId,
    agent,
    kind: plan?.kind ?? '',
    requestedModel: prepared.requestedModel,
    route: candidate.route,
    model: answer.model,
    reason: reasonOf(plan, served, failures),
    complexity: plan?.complexity ?? null,
    threshold: plan?.threshold ?? null,
    policy: plan?.policy ?? 'named-by-client',
    checkpoint: interaction.checkpoint,
    datasetVersionId: ports.datasetOf(interaction.checkpoint),
    auditProbability: local ? (plan?.auditProbability ?? 0) : 0,
    audited: local && plan?.audit === true,
    alwaysFrontierCost: estimated
      ? ports.estimateFrontierCost(agent, plan.kind)
      : answer.usage.cost,
    cost: answer.usage.cost,
    simulated: ports.simulated,
    interactionId: interaction.id,
    decidedAtMs: served.startedAtMs,
  }
}

function reasonOf(plan: Plan | null, served: ServedCall, failures: readonly FailedCall[]): string {
  const last = failures.at(-1)
  if (last !== undefined) {
    return `${served.answer.model} answered because ${last.candidate.adapter.description.id} failed: ${last.error.message}`
  }
  return plan?.reason ?? 'The client named this model.'
}
