import type { Clock } from '../../kernel/clock.ts'
import { ModelCallError } from '../../kernel/errors.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { InteractionPurpose } from '../../kernel/interaction.ts'
import type { Task } from '../../kernel/task.ts'
import type { ModelCall } from '../answering/model-call.ts'
import { answeredInteraction, failedInteraction } from '../answering/interaction-record.ts'
import { answerWithFallback, streamWithFallback } from '../answering/serve-with-fallback.ts'
import type { Candidate, FailedCall, ServedCall } from '../answering/serve-with-fallback.ts'
import type { Spending } from '../access/spending.ts'

type CallPorts = {
  readonly spending: Spending
  readonly clock: Clock
  readonly ids: Ids
  readonly signal: AbortSignal
}

/**
 * Calls a model for the village's own sake, beside the answer that a client gets. Null when the
 * village has no money for it: nobody waits for these calls. As a stream it shows the same beginning
 * as the answer that a client would have got.
 */
export async function callBeside(
  ports: CallPorts,
  task: Task,
  purpose: InteractionPurpose,
  candidate: Candidate,
  isStreamed = false,
): Promise<ModelCall | null> {
  const { spending } = ports
  const { request, adapter } = candidate
  const reservation = spending.tryReserve(null, [{ request, description: adapter.description }])
  if (reservation === 'refused') return null
  try {
    const call = await answerOrFail(ports, task, { purpose, isStreamed }, candidate)
    spending.charge(null, call.interaction.usage.cost, call.interaction.startedAtMs)
    return call
  } finally {
    reservation?.release()
  }
}

async function answerOrFail(
  { clock, ids, signal }: CallPorts,
  task: Task,
  { purpose, isStreamed }: { readonly purpose: InteractionPurpose; readonly isStreamed: boolean },
  candidate: Candidate,
): Promise<ModelCall> {
  const context = {
    id: ids.next('int'),
    taskId: task.id,
    agent: task.agent,
    purpose,
    streamed: false,
  }
  const failures: FailedCall[] = []
  try {
    const options = {
      candidates: [candidate],
      signal,
      clock,
      onFailure: (failed: FailedCall) => void failures.push(failed),
    }
    const call = isStreamed ? await readWhole(options) : await answerWithFallback(options)
    const checkpoint = call.answer.checkpoint ?? null
    return {
      interaction: answeredInteraction({ ...context, checkpoint }, call),
      adapter: candidate.adapter,
      answer: call.answer,
      seen: call.watched?.seen ?? null,
    }
  } catch (error) {
    const failed = failures[0]
    if (!(error instanceof ModelCallError) || failed === undefined) throw error
    return {
      interaction: failedInteraction({ ...context, checkpoint: null }, failed),
      adapter: candidate.adapter,
      answer: null,
      seen: null,
    }
  }
}

async function readWhole(options: Parameters<typeof streamWithFallback>[0]): Promise<ServedCall> {
  const events = streamWithFallback(options)
  for (;;) {
    const next = await events.next()
    if (next.done === true) return next.value
  }
}
