import type { Weighed } from '../kernel/decision.ts'
import type { ComplexityEstimate } from './complexity-estimate.ts'

const named = 3

/** What moved an estimate, what moved it most first: records, and words once they have proven themselves. */
export function weighEstimate({
  complexity,
  rates,
  weights,
  evidence,
}: ComplexityEstimate): readonly Weighed[] {
  const slope = complexity * (1 - complexity)
  const records: readonly Weighed[] = [
    { what: 'length, words and structure by the first formula', effect: rates.start },
    {
      what: `the local model's record in ${Math.round(evidence.overall)} checks of this agent`,
      effect: rates.agent - rates.start,
    },
    {
      what: `its record in ${evidence.kindLabels} checks of this kind of task`,
      effect: rates.kind - rates.agent,
    },
    ...weights.map(({ word, logOdds }) => ({ what: `"${word}"`, effect: slope * logOdds })),
  ]
  return records
    .filter(({ effect }) => Math.abs(effect) >= 0.0005)
    .toSorted((left, right) => Math.abs(right.effect) - Math.abs(left.effect))
    .slice(0, named)
}
