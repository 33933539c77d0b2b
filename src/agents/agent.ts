import type { AgentName } from '../kernel/agent-name.ts'
import { lastUserText } from '../kernel/chat.ts'
import type { ChatRequest, Sampling } from '../kernel/chat.ts'
import type { ModelDescription } from '../kernel/model-adapter.ts'
import { takesParameter, withRecommendedSampling } from '../kernel/model-sampling.ts'
import { studentMessages } from '../kernel/response-format.ts'
import { maxLocalTokens } from './default-settings.ts'
import type { AgentSettings } from './default-settings.ts'
import { firstFormula } from './first-formula.ts'
import type { FirstFormulaWeights } from './first-formula.ts'

/** One of the three: how it asks its frontier model and its local one, and what it finds complex. */
export abstract class Agent {
  abstract readonly name: AgentName
  readonly settings: AgentSettings
  protected abstract readonly formula: FirstFormulaWeights

  constructor(settings: AgentSettings) {
    this.settings = settings
  }

  /**
   * The agent's short system prompt unless the client sent its own, and its sampling defaults as far
   * as the model takes them, with what the models list recommends beside them.
   */
  composeFrontierRequest(request: ChatRequest, model?: ModelDescription): ChatRequest {
    const hasOwnPrompt = request.messages.some(
      (message) => message.role === 'system' || message.role === 'developer',
    )
    const messages = hasOwnPrompt
      ? request.messages
      : [{ role: 'system' as const, content: this.settings.systemPrompt }, ...request.messages]
    const defaults = this.samplingDefaults(lastUserText(request.messages))
    const taken = model === undefined ? defaults : takenBy(model, defaults)
    const composed = { ...request, messages, sampling: withDefaults(request.sampling, taken) }
    return model === undefined ? composed : withRecommendedSampling(composed, model)
  }

  /**
   * Only the client's own messages, and the response format where it asked for one: the local model
   * is trained without the agent's prompt.
   */
  composeLocalRequest(request: ChatRequest): ChatRequest {
    const { maxTokens } = request.sampling
    const { extra } = request
    return {
      messages: studentMessages(request),
      ...(extra !== undefined && { extra }),
      sampling: {
        ...withDefaults(request.sampling, { temperature: 0 }),
        maxTokens: Math.min(maxTokens ?? maxLocalTokens, maxLocalTokens),
      },
    }
  }

  /** In [0, 1], from the text alone: the start of the evaluator and the named baseline. */
  firstFormulaComplexity(text: string): number {
    return firstFormula(text, this.formula)
  }

  samplingDefaults(_text: string): Sampling {
    return { temperature: this.settings.temperature, maxTokens: this.settings.maxTokens }
  }

  protected isAboveFirstThreshold(text: string): boolean {
    return this.firstFormulaComplexity(text) >= this.settings.firstFormulaThreshold
  }
}

/** A model that reasons takes no temperature, say: one that nobody asked for is then not sent. */
function takenBy(model: ModelDescription, { temperature, ...others }: Sampling): Sampling {
  const isTaken = temperature !== undefined && takesParameter(model, 'temperature')
  return isTaken ? { ...others, temperature } : others
}

/** The client's own values win. */
function withDefaults(sampling: Sampling, defaults: Sampling): Sampling {
  const given = Object.entries(sampling).filter(([, value]) => value !== undefined)
  return { ...defaults, ...(Object.fromEntries(given) as Sampling) }
}
