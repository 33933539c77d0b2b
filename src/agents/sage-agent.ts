import { Agent } from './agent.ts'
import type { FirstFormulaWeights } from './first-formula.ts'

export type ResearchDepth = 1 | 2 | 3 | 4 | 5

const defaultResearchDepth: ResearchDepth = 3

/** Researches: reads, extracts, compares. */
export class SageAgent extends Agent {
  readonly name = 'sage'
  protected readonly formula: FirstFormulaWeights = {
    size: 0.25,
    indicatorWords: 0.45,
    structure: 0.3,
    indicators: new Set(
      (
        'research analyze analyse compare contrast evaluate investigate synthesize synthesise critique ' +
        'hypothesis methodology comprehensive thorough evidence implications why how difference ' +
        'calculate total several'
      ).split(' '),
    ),
  }

  /** Complex by the text, or because deeper research than one look was asked for. */
  isComplexResearch(text: string, depth: ResearchDepth = defaultResearchDepth): boolean {
    return depth > 2 || this.isAboveFirstThreshold(text)
  }
}

/** Brings any number a caller sends into the range 1–5. */
export function researchDepth(requested: number | undefined): ResearchDepth {
  if (requested === undefined || !Number.isFinite(requested)) return defaultResearchDepth
  return Math.min(5, Math.max(1, Math.round(requested))) as ResearchDepth
}
