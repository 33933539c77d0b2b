import type { DecisionTrail } from '../../../src/http/contract.ts'
import { countText, moneyText, shareText } from '../page/format.ts'

type Comparison = DecisionTrail['comparisons'][number]

/** Verdicts name the local answer and the one it was compared with. */
const verdicts: Readonly<Record<string, string>> = {
  both: 'the two answers agree or are both right',
  'local-only': 'only the local answer was right',
  'reference-only': 'only the frontier’s answer was right',
  neither: 'neither answer was right',
}

const methods: Readonly<Record<string, string>> = {
  exact: 'compared word for word',
  numeric: 'compared as numbers',
  json: 'compared as JSON',
  'unit-tests': 'checked by unit tests',
  semantic: 'compared by what they mean',
  feedback: 'judged by the user',
}

const purposes: Readonly<Record<DecisionTrail['interactions'][number]['purpose'], string>> = {
  serve: 'The answer that was served',
  shadow: 'The local model, in shadow',
  audit: 'The frontier, as an audit',
  teacher: 'The teacher',
  handover: 'The local answer that was handed over',
  'cache-audit': 'The answer of its own, to check one that was kept for a similar request',
  warming: 'The answer, made before it was asked for',
}

export function comparisonSentence(comparison: Comparison): string {
  const method = methods[comparison.method] ?? comparison.method
  const verdict = verdicts[comparison.verdict] ?? comparison.verdict
  const others = comparison.secondOpinions.map(
    (other) =>
      ` But ${methods[other.method] ?? other.method}: ${verdicts[other.verdict] ?? other.verdict}.`,
  )
  return `${capitalised(comparison.source)}, ${method}: ${verdict}.${others.join('')}`
}

export function purposeText(purpose: DecisionTrail['interactions'][number]['purpose']): string {
  return purposes[purpose]
}

/** How far something moved the estimate, in percentage points, always with its sign. */
export function effectText(effect: number): string {
  return `${effect < 0 ? '−' : '+'}${Math.abs(100 * effect).toFixed(1)}`
}

export function alternativeSentence({
  route,
  costUsd,
  expectedLoss,
}: NonNullable<DecisionTrail['explanation']>['alternative']): string {
  return route === 'frontier'
    ? `The frontier would have cost about ${moneyText(costUsd)}.`
    : `The local model would have cost nothing, with a loss expected in ${shareText(expectedLoss, 1)}.`
}

export function servedBy({
  epoch,
  alpha,
  delta,
}: NonNullable<DecisionTrail['certificate']>): string {
  return `Served by certificate no. ${epoch}: at most ${shareText(alpha, 1)} lost with ${shareText(1 - delta)} confidence.`
}

/** Where the right to train on the examples comes from, e.g. "120 from MODEL (yes, models-list)". */
export function rightsText(byRight: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byRight).map(([right, count]) => `${countText(count)} from ${right}`)
  return parts.length > 0 ? parts.join(', ') : 'none recorded'
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
