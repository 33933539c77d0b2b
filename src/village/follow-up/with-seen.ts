import { isSure } from '../../routing/sureness.ts'
import type { AnsweredWithRecords } from '../answering/answer-task.ts'
import { notCounted } from '../planning/certified-plan.ts'
import type { ModelCall } from '../answering/model-call.ts'
import type { PlannedTask } from '../planning/planned-task.ts'
import type { TaskRouter } from '../planning/task-router.ts'

/** The plan with the local answer as it was judged, or would have been. */
export async function withSeen(
  planned: PlannedTask,
  local: ModelCall | null,
  { handover, served, decision }: AnsweredWithRecords,
  { router, signal }: { readonly router: TaskRouter; readonly signal: AbortSignal },
): Promise<PlannedTask> {
  const { certificates } = router
  if (local === null || local.answer === null) return planned
  // After a handover the local model answered all the same: nothing of that was planned.
  if (handover !== null && decision.route === 'local') return notCounted(planned)
  const seen = handover?.seen ?? local.seen ?? null
  if (seen === null) return planned
  const { latencyMs, usage } = local.answer
  const tokens = usage.completionTokens
  const { checkpoint } = local.interaction
  const sure = isSure(seen.leastLogProbability)
  const answered = { ...planned, localRun: { sure, checkpoint, latencyMs, tokens } }
  if (certificates === null) return answered
  const features = (handover?.verdict ?? served.watched?.verdict)?.features ?? null
  return certificates.withSeen(answered, { seen, features, latencyMs, tokens }, signal)
}
