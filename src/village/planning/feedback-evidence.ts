import type { AgentName } from '../../kernel/agent-name.ts'
import type { ChatMessage } from '../../kernel/chat.ts'
import type { Feedback } from '../../kernel/comparison.ts'
import type { Decision } from '../../kernel/decision.ts'
import type { Ledger } from '../../kernel/stores.ts'

/** What a user's verdict says of local answers to such tasks. */
export type FeedbackEvidence = {
  readonly agent: AgentName
  readonly kind: string
  readonly checkpoint: string | null
  readonly messages: readonly ChatMessage[]
  readonly goodEnough: boolean
}

/**
 * Null where it says nothing: of a frontier answer, of one that was judged before (a user who says it
 * ten times knows no more), or where the answer is not recorded. A correction means that it was wrong.
 * No certificate counts it, and no threshold moves by it: how likely a user is to speak is not known.
 */
export async function feedbackEvidence(
  feedback: Feedback,
  { agent, kind, route, checkpoint, interactionId, taskId, reused }: Decision,
  { ledger, router }: { readonly ledger: Ledger; readonly router: ClientMessages },
): Promise<FeedbackEvidence | null> {
  if (agent === null || route !== 'local' || reused !== undefined) return null
  const [served, comparisons] = await Promise.all([
    ledger.get('interaction', interactionId),
    ledger.list('comparison', { taskId }),
  ])
  if (served === null || comparisons.some(({ source }) => source === 'feedback')) return null
  const goodEnough = feedback.rating === 1 && feedback.correction === null
  const messages = router.clientMessages(agent, served.messages)
  return { agent, kind, checkpoint, messages, goodEnough }
}

type ClientMessages = {
  clientMessages(agent: AgentName, messages: readonly ChatMessage[]): readonly ChatMessage[]
}
