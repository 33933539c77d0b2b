import type { AgentName } from '../../kernel/agent-name.ts'
import type { ChatUsage, ModelAnswer } from '../../kernel/chat.ts'
import { noUsage } from '../../kernel/chat.ts'
import type { Interaction, InteractionPurpose } from '../../kernel/interaction.ts'
import { responseFormatOf } from '../../kernel/response-format.ts'
import { costSoFar, mostCostOf } from '../../safety/cost-bound.ts'
import type { Candidate, FailedCall } from './serve-with-fallback.ts'

type CallContext = {
  readonly id: string
  readonly taskId: string
  readonly agent: AgentName | null
  readonly keyId?: string
  readonly purpose: InteractionPurpose
  readonly checkpoint: string | null
  readonly streamed: boolean
}

/** The record of a call that gave an answer. */
export function answeredInteraction(
  context: CallContext,
  call: {
    readonly candidate: Candidate
    readonly answer: ModelAnswer
    readonly startedAtMs: number
  },
): Interaction {
  const { candidate, answer } = call
  return {
    ...context,
    model: answer.model,
    modelKind: candidate.adapter.description.kind,
    messages: candidate.request.messages,
    sampling: candidate.request.sampling,
    ...formatField(candidate),
    answer: answer.text,
    finishReason: answer.finishReason,
    usage: answer.usage,
    latencyMs: answer.latencyMs,
    retries: answer.retries,
    error: null,
    simulated: candidate.adapter.description.simulated,
    generationId: answer.generationId ?? null,
    startedAtMs: call.startedAtMs,
  }
}

/** The record of a call that failed, with what had arrived of its answer. */
export function failedInteraction(context: CallContext, failed: FailedCall): Interaction {
  return {
    ...context,
    model: failed.candidate.adapter.description.id,
    modelKind: failed.candidate.adapter.description.kind,
    messages: failed.candidate.request.messages,
    sampling: failed.candidate.request.sampling,
    ...formatField(failed.candidate),
    answer: failed.partialText,
    finishReason: 'error',
    usage: failed.cancelled ? cancelledUsage(failed, context.streamed) : noUsage,
    latencyMs: failed.latencyMs,
    retries: 0,
    error: failed.error.message,
    ...(failed.cancelled && { cancelled: true }),
    simulated: failed.candidate.adapter.description.simulated,
    generationId: null,
    startedAtMs: failed.startedAtMs,
  }
}

function formatField({ request }: Candidate): Pick<Interaction, 'responseFormat'> {
  const responseFormat = responseFormatOf(request.extra)
  return responseFormat === null ? {} : { responseFormat }
}

/**
 * What a client that left has to pay for is not said by the provider, who counts nothing for a call
 * that was broken off: for a stream, which ends with us, it is taken to be what had arrived; a whole
 * answer is finished and billed whatever we do, so it counts with the most that it may cost.
 */
function cancelledUsage(call: FailedCall, streamed: boolean): ChatUsage {
  const { candidate, partialCharacters: characters, deltas } = call
  const { description } = candidate.adapter
  const soFar = costSoFar(candidate.request, description, { characters, deltas })
  const cost = streamed ? soFar.cost : mostCostOf(candidate.request, description)
  return { ...noUsage, ...soFar, cost }
}
