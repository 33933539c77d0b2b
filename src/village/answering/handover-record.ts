import type { Interaction } from '../../kernel/interaction.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import type { AgentName } from '../../kernel/agent-name.ts'
import type { ComparisonSource } from '../../kernel/comparison.ts'
import type { ModelCall } from './model-call.ts'
import { answeredInteraction, failedInteraction } from './interaction-record.ts'
import type { Decision, Route } from '../../kernel/decision.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Ledger } from '../../kernel/stores.ts'
import type { Plan } from '../planning/plan.ts'
import type { Handover } from './serve-with-fallback.ts'

/** The interaction may be recorded a little later: a streamed answer is finished first. */
export type RecordedHandover = Handover & { readonly interactionId: string }

type HandoverContext = {
  readonly taskId: string
  readonly agent: AgentName | null
  readonly streamed: boolean
}

export function withId(
  handover: Handover | null,
  { ids }: { readonly ids: Ids },
): RecordedHandover | null {
  return handover === null ? null : { ...handover, interactionId: ids.next('int') }
}

/** What a decision says of it; the reason is that of the model that answered in the end. */
export function decidedOnHandover(
  handover: RecordedHandover | null,
  route: Route,
): Partial<Decision> {
  if (handover === null) return {}
  const { interactionId, addedLatencyMs, verdict } = handover
  const why = route === 'frontier' ? { reason: verdict.reason } : {}
  return { handover: { interactionId, addedLatencyMs }, complexity: verdict.complexity, ...why }
}

/** Nobody answered after the handover: the rejected answer is recorded all the same. */
export async function commitHandover(
  handover: RecordedHandover,
  context: HandoverContext,
  ports: {
    readonly ledger: Ledger
    onCommitted(records: { decision: null; interactions: readonly Interaction[] }): void
  },
): Promise<void> {
  const { interaction } = await handoverCall(handover, context)
  await ports.ledger.record([{ type: 'interaction', record: interaction }])
  ports.onCommitted({ decision: null, interactions: [interaction] })
}

/** Both answers of a handover are known for sure, whatever coins were thrown. */
export function labelKind(
  plan: Plan,
  { decision, handover }: { readonly decision: Decision; readonly handover: Handover | null },
): { readonly source: ComparisonSource; readonly probability: number } {
  if (decision.route === 'local') return { source: 'audit', probability: plan.auditProbability }
  if (handover !== null) return { source: 'handover', probability: 1 }
  return { source: 'shadow', probability: plan.shadowProbability }
}

/** The call whose answer was handed over, once the answer is finished or has broken off. */
export async function handoverCall(
  handover: RecordedHandover,
  { taskId, agent, streamed }: HandoverContext,
): Promise<ModelCall> {
  const { adapter } = handover.candidate
  const answer = await handover.whole
  return {
    interaction: interactionOf(handover, { taskId, agent, streamed }, answer),
    adapter,
    answer,
  }
}

function interactionOf(
  handover: RecordedHandover,
  task: HandoverContext,
  answer: ModelCall['answer'],
): Interaction {
  const { candidate, startedAtMs, addedLatencyMs, seen } = handover
  const context = { ...task, id: handover.interactionId, purpose: 'handover' as const }
  if (answer !== null) {
    const checkpoint = answer.checkpoint ?? null
    return answeredInteraction({ ...context, checkpoint }, { candidate, answer, startedAtMs })
  }
  return failedInteraction(
    { ...context, checkpoint: null },
    {
      candidate,
      error: new ModelCallError('The local answer broke off after it was handed over.', {
        model: candidate.adapter.description.id,
        midStream: true,
        retryable: false,
      }),
      partialText: seen.text,
      partialCharacters: seen.text.length,
      deltas: 1,
      startedAtMs,
      latencyMs: addedLatencyMs,
      cancelled: false,
    },
  )
}
