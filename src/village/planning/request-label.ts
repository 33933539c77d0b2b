import type { AgentName } from '../../kernel/agent-name.ts'
import { lastUserText } from '../../kernel/chat.ts'
import type { ChatMessage } from '../../kernel/chat.ts'
import type { HeldOutLabel } from '../../learning/learning-cycle.ts'
import type { AnswerLabel } from '../../routing/agent-evidence.ts'
import { featuresOf } from '../../routing/features.ts'
import { isSure } from '../../routing/sureness.ts'
import type { FormedKinds } from './formed-kinds.ts'

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

/** A held-out result, of the kind that its task would be put into today. */
export function heldOutLabel(
  label: HeldOutLabel,
  agent: { readonly name: AgentName; firstFormulaComplexity(text: string): number },
  kinds: FormedKinds,
): AnswerLabel {
  const asked = requestLabel(
    { ...label, sure: isSure(label.answer?.leastLogProbability ?? null) },
    agent,
  )
  const kind = kinds.nearestName(agent.name, asked.features, label.kind)
  return { ...asked, kind }
}
