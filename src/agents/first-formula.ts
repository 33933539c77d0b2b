import { countMatches } from './words.ts'

/** The earlier prototype's complexity: a weighted sum of three numbers in [0, 1]. */
export type FirstFormulaWeights = {
  readonly size: number
  readonly indicatorWords: number
  readonly structure: number
  readonly indicators: ReadonlySet<string>
}

const halfwayWords = 150
const fullIndicators = 4

export function firstFormula(text: string, weights: FirstFormulaWeights): number {
  const size = sizeOf(text)
  const indicatorWords = Math.min(1, countMatches(text, weights.indicators) / fullIndicators)
  const sum =
    weights.size * size +
    weights.indicatorWords * indicatorWords +
    weights.structure * structureOf(text)
  return Math.min(1, Math.max(0, sum))
}

function sizeOf(text: string): number {
  const words = text.match(/\S+/gu)?.length ?? 0
  return words / (words + halfwayWords)
}

/** Sentences, lines, lists, questions and code marks. */
function structureOf(text: string): number {
  const sentences = text.match(/[.!?](?:\s|$)/gu)?.length ?? 0
  const lines = text.match(/\n/gu)?.length ?? 0
  const listItems = text.match(/^\s*(?:[-*•]|\d+[.)])\s/gmu)?.length ?? 0
  const questions = text.match(/\?/gu)?.length ?? 0
  const marks = text.match(/[{}[\]();]/gu)?.length ?? 0
  const sum = sentences / 10 + lines / 20 + listItems / 5 + questions / 4 + marks / 40
  return Math.min(1, sum)
}
