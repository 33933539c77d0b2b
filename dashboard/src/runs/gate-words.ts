import type { VillageStatus } from '../../../src/http/contract.ts'

type Run = VillageStatus['runs'][number]
export type Gate = NonNullable<Run['gate']>

export const runLabels = {
  running: { text: 'training', color: 'indigo' },
  evaluating: { text: 'at the gate', color: 'indigo' },
  promoted: { text: 'promoted', color: 'teal' },
  refused: { text: 'refused', color: 'orange' },
  failed: { text: 'failed', color: 'red' },
  cancelled: { text: 'cancelled', color: 'gray' },
} as const satisfies Record<Run['status'], { text: string; color: string }>

/** The paired comparison in one sentence, e.g. "46 of 60 right, before 12 of 60 (p < 0.001)." */
export function gateFigures(gate: Gate): string {
  const { tasks, candidateRight, servingRight } = gate
  return `The candidate got ${candidateRight} of ${tasks} held-out tasks right, the model now serving ${servingRight} (${pValueText(gate.pValue)}).`
}

export function pValueText(pValue: number): string {
  return pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`
}

/** "+12" points from the serving model to the candidate, rounded; null without tasks. */
export function pointsGained(result: {
  readonly tasks: number
  readonly candidateRight: number
  readonly servingRight: number
}): number | null {
  if (result.tasks === 0) return null
  return Math.round((100 * (result.candidateRight - result.servingRight)) / result.tasks)
}

export function signedText(points: number | null): string {
  if (points === null) return '–'
  return points > 0 ? `+${points}` : String(points).replace('-', '−')
}
