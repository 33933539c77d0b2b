import type { Clock } from '../../kernel/clock.ts'
import type { Feedback } from '../../kernel/comparison.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { FeedbackInput } from '../village-service.ts'

/** What a user sent about a decision, as it is recorded. */
export function receivedFeedback(
  { rating, correction, comment }: FeedbackInput,
  { id, taskId }: Decision,
  parts: { readonly clock: Clock; readonly ids: Ids },
): Feedback {
  return {
    id: parts.ids.next('fb'),
    decisionId: id,
    taskId,
    rating,
    correction: correction ?? null,
    comment: comment ?? null,
    receivedAtMs: parts.clock.now(),
  }
}
