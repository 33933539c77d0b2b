import type { Clock } from '../../kernel/clock.ts'
import type { Comparison, Feedback } from '../../kernel/comparison.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { LocalModels } from '../../kernel/model-adapter.ts'
import { studentMessages } from '../../kernel/response-format.ts'
import type { Ledger, LedgerEntry } from '../../kernel/stores.ts'
import { exampleFromCorrection } from '../../learning/collect-example.ts'
import { fingerprintOf } from '../../learning/held-out.ts'
import { textProblem } from '../answering/answer-format.ts'
import { lessonTask } from './lesson-task.ts'
import type { TaskRouter } from '../planning/task-router.ts'

type FeedbackPorts = {
  readonly ledger: Ledger
  readonly router: TaskRouter
  readonly local: Pick<LocalModels, 'forAgent'>
  readonly clock: Clock
  readonly ids: Ids
  readonly heldOutShare: number
}

/** A user's verdict is a comparison of its own; a correction is an example to learn from. */
export async function feedbackEntries(
  feedback: Feedback,
  decision: Decision,
  ports: FeedbackPorts,
): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [{ type: 'feedback', record: feedback }]
  // It is about a request that no model has seen: that of the kept answer was another one.
  if (decision.reused?.from === 'semantic') return entries
  const correction = await correctionEntry(feedback, decision, ports)
  if (correction !== null) entries.push(correction)
  if (decision.agent === null || decision.route !== 'local') return entries
  const comparison: Comparison = {
    id: ports.ids.next('cmp'),
    taskId: decision.taskId,
    agent: decision.agent,
    kind: decision.kind,
    candidateInteractionId: decision.interactionId,
    referenceInteractionId: null,
    checkpoint: decision.checkpoint,
    method: 'feedback',
    source: 'feedback',
    verdict: feedback.rating === 1 && feedback.correction === null ? 'both' : 'reference-only',
    probability: 1,
    comparedAtMs: ports.clock.now(),
  }
  return [...entries, { type: 'comparison', record: comparison }]
}

async function correctionEntry(
  feedback: Feedback,
  decision: Decision,
  { ledger, router, local, clock, ids, heldOutShare }: FeedbackPorts,
): Promise<LedgerEntry | null> {
  if (feedback.correction === null || decision.agent === null) return null
  const served = await ledger.get('interaction', decision.interactionId)
  if (served === null) return null
  const format = served.responseFormat
  const asked = {
    messages: router.clientMessages(decision.agent, served.messages),
    sampling: served.sampling,
    ...(format !== undefined && { extra: { response_format: format } }),
  }
  const task = lessonTask(
    {
      id: decision.taskId,
      agent: decision.agent,
      kind: decision.kind,
      request: asked,
      requestedModel: decision.requestedModel,
      fingerprint: fingerprintOf(decision.agent, studentMessages(asked)),
      receivedAtMs: decision.decidedAtMs,
    },
    local,
  )
  if (task === null) return null
  if (format !== undefined && textProblem(feedback.correction, format) !== null) return null
  const record = exampleFromCorrection(task, feedback, {
    interactionId: served.id,
    ids,
    nowMs: clock.now(),
    heldOutShare,
  })
  return record === null ? null : { type: 'example', record }
}
