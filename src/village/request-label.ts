import { lastUserText } from '../kernel/chat.ts'
import type { ChatMessage } from '../kernel/chat.ts'
import type { AnswerLabel } from '../routing/agent-evidence.ts'
import { featuresOf } from '../routing/features.ts'

/** A label of which only the request and the verdict are known. */
export function requestLabel(
  known: {
    readonly messages: readonly ChatMessage[]
    readonly kind: string
    readonly goodEnough: boolean
    readonly sure: boolean
  },
  agent: { firstFormulaComplexity(text: string): number },
): AnswerLabel {
  const { messages, kind, goodEnough, sure } = known
  return {
    features: featuresOf(messages),
    kind,
    firstFormula: agent.firstFormulaComplexity(lastUserText(messages)),
    goodEnough,
    sure,
    weight: 1,
  }
}
