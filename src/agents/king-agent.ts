import type { AgentName } from '../kernel/agent-name.ts'
import type { Sampling } from '../kernel/chat.ts'
import { Agent } from './agent.ts'
import { chooseAgentByWords } from './choose-agent.ts'
import type { FirstFormulaWeights } from './first-formula.ts'

/** Coordinates: takes what belongs to nobody else and sends the rest to Sage or Magi. */
export class KingAgent extends Agent {
  readonly name = 'king'
  protected readonly formula: FirstFormulaWeights = {
    size: 0.3,
    indicatorWords: 0.4,
    structure: 0.3,
    indicators: new Set(
      (
        'analyze analyse evaluate compare synthesize synthesise optimize optimise strategy strategic ' +
        'plan design coordinate integrate complex multiple several prioritize prioritise negotiate ' +
        'tradeoff calculate total sum'
      ).split(' '),
    ),
  }

  isComplexTask(text: string): boolean {
    return this.isAboveFirstThreshold(text)
  }

  chooseAgent(text: string): AgentName {
    return chooseAgentByWords(text)
  }

  /** More room and less chance for harder tasks. */
  override samplingDefaults(text: string): Sampling {
    const complexity = this.firstFormulaComplexity(text)
    return {
      maxTokens: Math.round(Math.min(this.settings.maxTokens + 2000 * complexity, 4000)),
      temperature: Math.max(0, this.settings.temperature - 0.3 * complexity),
    }
  }
}
