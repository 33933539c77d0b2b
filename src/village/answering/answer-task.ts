import type { AgentName } from '../../kernel/agent-name.ts'
import type { ModelAnswer } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Decision } from '../../kernel/decision.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Interaction, OwnPurpose } from '../../kernel/interaction.ts'
import type { NanoUsd } from '../../kernel/money.ts'
import type { LedgerEntry, Ledger } from '../../kernel/stores.ts'
import type { Task } from '../../kernel/task.ts'
import { commitHandover, decidedOnHandover, withId } from './handover-record.ts'
import type { RecordedHandover } from './handover-record.ts'
import { answeredInteraction, failedInteraction } from './interaction-record.ts'
import { withExplanation } from './explain-decision.ts'
import type { Plan } from '../planning/plan.ts'
import { answerWithFallback, streamWithFallback } from './serve-with-fallback.ts'
import type { Candidate, FailedCall, Handover, ServedCall } from './serve-with-fallback.ts'
import type { AnsweredTask, AnswerEvent } from '../village-service.ts'

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
  /** The key that pays; null when the village asked itself. */
  readonly keyId: string | null
  /** Why models that the client named are not among the candidates, one sentence each. */
  readonly skipped: readonly string[]
  /** The decision's id where the client was told one before; otherwise a new one. */
  readonly decisionId: string | undefined
  readonly ownPurpose: OwnPurpose | undefined
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
  /** Called as soon as a call has its cost, before the commit: money is spent even when that fails. */
  charge(interaction: Interaction): void
  /** Called once the records are committed. */
  onCommitted(records: {
    readonly decision: Decision | null
    readonly interactions: readonly Interaction[]
  }): void
}

export type AnsweredWithRecords = AnsweredTask & {
  readonly interaction: Interaction
  readonly served: ServedCall
  /** A local answer that was judged and did not leave; it is recorded with what follows the task. */
  readonly handover: RecordedHandover | null
}

/** What went before the answer, as it happens. */
type Attempts = { readonly failures: FailedCall[]; handover: Handover | null }

/** Answers and commits: when this resolves, the interaction survives the process's death. */
export async function answerTask(
  prepared: PreparedTask,
  ports: AnswerPorts,
  signal: AbortSignal,
): Promise<AnsweredWithRecords> {
  const attempts: Attempts = { failures: [], handover: null }
  try {
    const served = await answerWithFallback({
      candidates: prepared.candidates,
      signal,
      clock: ports.clock,
      onFailure: (failed) => void attempts.failures.push(failed),
      onHandover: (handover) => void (attempts.handover = handover),
    })
    return await commitAnswer(prepared, served, attempts, ports)
  } catch (error) {
    throw failureOf(error, prepared, attempts.failures)
  } finally {
    if (isAnythingLeft(attempts)) await commitFailures(prepared, attempts, ports)
  }
}

/** Yields deltas as they come; `answered` comes last, after the commit. */
export async function* streamTask(
  prepared: PreparedTask,
  ports: AnswerPorts,
  signal: AbortSignal,
): AsyncGenerator<Exclude<AnswerEvent, { type: 'answered' }>, AnsweredWithRecords> {
  const attempts: Attempts = { failures: [], handover: null }
  try {
    const served = yield* streamWithFallback({
      candidates: prepared.candidates,
      signal,
      clock: ports.clock,
      onFailure: (failed) => void attempts.failures.push(failed),
      onHandover: (handover) => void (attempts.handover = handover),
    })
    return await commitAnswer(prepared, served, attempts, ports)
  } catch (error) {
    throw failureOf(error, prepared, attempts.failures)
  } finally {
    // Also when the reader of the stream left, which is no error.
    if (isAnythingLeft(attempts)) await commitFailures(prepared, attempts, ports)
  }
}

function isAnythingLeft({ failures, handover }: Attempts): boolean {
  return failures.length > 0 || handover !== null
}

/** Where the client listed models and none answered, it is told of each of them. */
function failureOf(
  error: unknown,
  prepared: PreparedTask,
  failures: readonly FailedCall[],
): unknown {
  const last = failures.at(-1)
  const isListed = last?.candidate.nextOnAnyError === true && last.error === error
  const reasons = [...prepared.skipped, ...failures.map(failureReason)]
  if (!isListed || last.error.midStream || reasons.length < 2) return error
  return new ModelCallError(`No model of the list answered: ${reasons.join('; ')}`, {
    model: last.error.model,
    status: last.error.status,
    retryAfterMs: last.error.retryAfterMs,
    retryable: last.error.retryable,
    cause: error,
  })
}

function failureReason({ candidate, error }: FailedCall): string {
  return `${candidate.adapter.description.id} failed: ${error.message}`
}

async function commitAnswer(
  prepared: PreparedTask,
  served: ServedCall,
  attempts: Attempts,
  ports: AnswerPorts,
): Promise<AnsweredWithRecords> {
  const { failures } = attempts
  const handover = withId(attempts.handover, ports)
  attempts.handover = null
  const interaction = answeredInteraction(
    contextOf(prepared, ports, served.answer.checkpoint ?? null),
    served,
  )
  ports.charge(interaction)
  const decided = {
    ...decisionOf(prepared, served, interaction, failures, ports),
    ...decidedOnHandover(handover, served.candidate.route),
  }
  const verdict = handover?.verdict ?? served.watched?.verdict ?? null
  const decision = withExplanation(decided, prepared.plan, verdict)
  const failed = failures.splice(0).map((failure) => recordOf(prepared, failure, ports))
  await ports.ledger.record([
    ...failed.map((record): LedgerEntry => ({ type: 'interaction', record })),
    { type: 'interaction', record: interaction },
    { type: 'decision', record: decision },
  ])
  ports.onCommitted({ decision, interactions: [...failed, interaction] })
  return { answer: served.answer, decision, interaction, served, handover }
}

/**
 * Calls that gave no answer are recorded too: the bill and the error rate need them. One that the
 * client left has cost money, so it has a decision as well.
 */
async function commitFailures(
  prepared: PreparedTask,
  attempts: Attempts,
  ports: AnswerPorts,
): Promise<void> {
  const { failures } = attempts
  const handover = withId(attempts.handover, ports)
  if (handover !== null) await commitHandover(handover, prepared, ports)
  if (failures.length === 0) return
  const calls = failures.splice(0)
  const interactions = calls.map((failure) => recordOf(prepared, failure, ports))
  for (const interaction of interactions) ports.charge(interaction)
  const last = calls.at(-1)
  const interaction = interactions.at(-1)
  const decision =
    last?.cancelled === true && interaction !== undefined
      ? {
          ...decisionOnCancelled(prepared, last, interaction, ports),
          ...decidedOnHandover(handover, last.candidate.route),
        }
      : null
  await ports.ledger.record([
    ...interactions.map((record): LedgerEntry => ({ type: 'interaction', record })),
    ...(decision === null ? [] : [{ type: 'decision', record: decision } as const]),
  ])
  ports.onCommitted({ decision, interactions })
}

function decisionOnCancelled(
  prepared: PreparedTask,
  call: FailedCall,
  interaction: Interaction,
  ports: AnswerPorts,
): Decision {
  const answer: ModelAnswer = {
    text: call.partialText,
    finishReason: 'error',
    usage: interaction.usage,
    model: interaction.model,
    latencyMs: call.latencyMs,
    retries: 0,
  }
  const served = { candidate: call.candidate, answer, startedAtMs: call.startedAtMs }
  const decision = decisionOf(prepared, served, interaction, [], ports)
  const explained = withExplanation(decision, prepared.plan, null)
  return {
    ...explained,
    reason: `${decision.reason} ${call.error.message}`,
    audited: false,
    auditProbability: 0,
    // Nothing was saved by an answer that nobody has.
    alwaysFrontierCost: interaction.usage.cost,
  }
}

function recordOf(prepared: PreparedTask, failure: FailedCall, ports: AnswerPorts): Interaction {
  return failedInteraction(contextOf(prepared, ports, null), failure)
}

function contextOf(prepared: PreparedTask, ports: AnswerPorts, checkpoint: string | null) {
  return {
    id: ports.ids.next('int'),
    taskId: prepared.taskId,
    agent: prepared.agent,
    ...(prepared.keyId !== null && { keyId: prepared.keyId }),
    purpose: prepared.ownPurpose ?? ('serve' as const),
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
  const { cheaper } = candidate
  // Served instead of the agent's own frontier model, which it may be compared with.
  const instead = local || cheaper !== undefined
  const estimated = instead && agent !== null && plan !== null
  return {
    id: prepared.decisionId ?? ports.ids.next('dec'),
    taskId: prepared.taskId,
    agent,
    kind: plan?.kind ?? '',
    requestedModel: prepared.requestedModel,
    route: candidate.route,
    model: answer.model,
    reason: reasonOf(prepared, served, failures),
    complexity: served.watched?.verdict?.complexity ?? plan?.complexity ?? null,
    threshold: plan?.threshold ?? null,
    policy: plan?.policy ?? 'named-by-client',
    ...(plan?.localPossible === false && { localPossible: false }),
    ...(instead && plan?.certificate !== undefined && { certificate: plan.certificate }),
    ...(cheaper !== undefined && { candidate: cheaper }),
    checkpoint: interaction.checkpoint,
    datasetVersionId: ports.datasetOf(interaction.checkpoint),
    auditProbability: instead ? (plan?.auditProbability ?? 0) : 0,
    audited: instead && plan?.audit === true,
    alwaysFrontierCost: estimated
      ? ports.estimateFrontierCost(agent, plan.kind)
      : answer.usage.cost,
    cost: answer.usage.cost,
    // A server of the operator's own is real, whatever stands in for the provider.
    simulated: ports.simulated && (local || candidate.adapter.description.simulated),
    interactionId: interaction.id,
    decidedAtMs: served.startedAtMs,
    ...(prepared.ownPurpose !== undefined && { ownPurpose: prepared.ownPurpose }),
  }
}

function reasonOf(
  prepared: PreparedTask,
  served: ServedCall,
  failures: readonly FailedCall[],
): string {
  const reasons = [...prepared.skipped, ...failures.map(failureReason)]
  if (reasons.length > 0) return `${served.answer.model} answered because ${reasons.join('; ')}`
  return served.watched?.verdict?.reason ?? prepared.plan?.reason ?? 'The client named this model.'
}
