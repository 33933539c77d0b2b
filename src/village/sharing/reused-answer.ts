import { lastUserText, type ModelAnswer } from '../../kernel/chat.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Decision, Resemblance } from '../../kernel/decision.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { noMoney } from '../../kernel/money.ts'
import type { Ledger } from '../../kernel/stores.ts'
import type { AnsweredTask, AnswerEvent, AnswerInput } from '../village-service.ts'

export type Reuse = {
  readonly answered: AnsweredTask
} & (
  | { readonly from: 'cache' | 'flight' }
  | { readonly from: 'semantic'; readonly resemblance: Resemblance }
)

export type ReusePorts = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly ids: Ids
  /** Called once the decision is committed. */
  onCommitted(decision: Decision, taskText: string): void
}

/**
 * Gives an answer again, at no cost and under a decision of its own, which is committed when this
 * resolves. The decision belongs to the task that was answered first: there are its interaction and
 * everything else that can be followed, and nothing is learnt from it twice.
 */
export async function reuseAnswer(
  input: AnswerInput,
  reuse: Reuse,
  ports: ReusePorts,
): Promise<AnsweredTask> {
  const { answer, decision: first } = reuse.answered
  // The village may have made it for itself; this one goes to a client.
  const { ownPurpose: _, ...made } = first
  const reason = reasonOf(first, reuse)
  const decision: Decision = {
    ...made,
    id: input.decisionId ?? ports.ids.next('dec'),
    requestedModel: input.requestedModel,
    reason,
    ...(first.explanation && { explanation: { ...first.explanation, sentence: reason } }),
    auditProbability: 0,
    audited: false,
    cost: noMoney,
    decidedAtMs: ports.clock.now(),
    reused: {
      decisionId: first.id,
      ...(reuse.from === 'semantic'
        ? { from: reuse.from, ...reuse.resemblance }
        : { from: reuse.from }),
    },
  }
  await ports.ledger.record([{ type: 'decision', record: decision }])
  ports.onCommitted(decision, lastUserText(input.request.messages))
  return { answer: withoutCost(answer), decision }
}

/** The provider's own words for the cost are left out with it. */
function withoutCost(answer: ModelAnswer): ModelAnswer {
  const usage = { ...answer.usage, cost: noMoney }
  const given = answer.unread?.usage
  if (given === undefined) return { ...answer, usage }
  const { cost: _, cost_details: __, ...counted } = given
  return { ...answer, usage, unread: { ...answer.unread, usage: counted } }
}

/** The answer as a stream: a client that asked for one gets one. */
export function* eventsOf(answered: AnsweredTask): Generator<AnswerEvent> {
  const { text, extra } = answered.answer
  if (text !== '') yield { type: 'text', text }
  if (extra !== undefined) yield { type: 'delta', extra: asDelta(extra) }
  yield { type: 'answered', answered }
}

function reasonOf(first: Decision, reuse: Reuse): string {
  switch (reuse.from) {
    case 'cache':
      return `The answer to an equal request was kept (decision ${first.id}).`
    case 'flight':
      return `An equal request was under way and was answered once for both (decision ${first.id}).`
    case 'semantic': {
      const similarity = reuse.resemblance.similarity.toFixed(2)
      return `The answer to a similar request was kept (decision ${first.id}, similarity ${similarity}).`
    }
  }
}

/** In a stream every tool call says which one it is. */
function asDelta(extra: JsonObject): JsonObject {
  const calls = extra['tool_calls']
  if (!Array.isArray(calls)) return extra
  const toolCalls = (calls as readonly JsonObject[]).map((call, index) =>
    Object.assign({ index }, call),
  )
  return { ...extra, tool_calls: toolCalls }
}
