import type { AgentName } from '../kernel/agent-name.ts'
import type { EvaluationReport, KindResult } from '../kernel/training.ts'
import type { GateSettings } from './learning-settings.ts'

/** What a model said to a held-out task at temperature 0, and how sure it was of it. */
export type ExaminedAnswer = {
  readonly text: string
  /** True where the limit of tokens ended it. */
  readonly isCutOff: boolean
  /** Per token, ≤ 0; null where the model does not tell. */
  readonly meanLogProbability: number | null
  /** Of the token that it was least sure of, ≤ 0; null where the model does not tell. */
  readonly leastLogProbability: number | null
  readonly latencyMs: number
  readonly tokens: number
}

/** One held-out task, answered by the candidate and by the checkpoint now serving. */
export type TaskResult = {
  readonly exampleId: string
  readonly kind: string
  readonly candidateRight: boolean
  readonly servingRight: boolean
  readonly candidateAnswer: ExaminedAnswer
  readonly servingAnswer: ExaminedAnswer
}

export type GateInput = {
  readonly id: string
  readonly agent: AgentName
  readonly candidate: string
  readonly serving: string | null
  readonly results: readonly TaskResult[]
  readonly evaluatedAtMs: number
}

/** Judges a candidate against what serves; never on the training's own metrics. */
export function judgeCandidate(input: GateInput, settings: GateSettings): EvaluationReport {
  const { results, ...names } = input
  const kinds = resultsByKind(results)
  const won = sum(kinds, (kind) => kind.won)
  const lost = sum(kinds, (kind) => kind.lost)
  const totals = {
    tasks: results.length,
    candidateRight: sum(kinds, (kind) => kind.candidateRight),
    servingRight: sum(kinds, (kind) => kind.servingRight),
    pValue: signTestPValue(won, lost),
  }
  const verdict = decide({ ...totals, won, lost, kinds }, settings)
  return { ...names, kinds, ...totals, ...verdict }
}

type Evidence = Pick<
  EvaluationReport,
  'tasks' | 'candidateRight' | 'servingRight' | 'pValue' | 'kinds'
> & { readonly won: number; readonly lost: number }

function decide(
  evidence: Evidence,
  settings: GateSettings,
): Pick<EvaluationReport, 'promoted' | 'why'> {
  const { tasks, candidateRight, servingRight, pValue, kinds, won, lost } = evidence
  const score = `${candidateRight} of ${tasks} held-out tasks right against ${servingRight}`
  if (tasks < settings.minimumTasks) {
    return {
      promoted: false,
      why: `Refused: ${tasks} held-out tasks are too few to judge by; ${settings.minimumTasks} are needed.`,
    }
  }
  const fallen = kinds.filter((kind) => hasFallen(kind, settings))
  if (fallen.length > 0) {
    const names = fallen
      .map(
        (kind) =>
          `"${kind.kind}" fell from ${kind.servingRight} to ${kind.candidateRight} of ${kind.tasks}`,
      )
      .join(', ')
    return { promoted: false, why: `Refused: ${names} (${score} in all).` }
  }
  if (pValue >= settings.alpha) {
    return {
      promoted: false,
      why: `Refused: ${score}; ${won} won and ${lost} lost do not show that it is better (p = ${formatP(pValue)}).`,
    }
  }
  const margin = `${Math.round(settings.kindMargin * 100)} points`
  return {
    promoted: true,
    why: `Promoted: ${score} (p = ${formatP(pValue)}), and no kind fell by more than ${margin}.`,
  }
}

function hasFallen(kind: KindResult, settings: GateSettings): boolean {
  const netLost = kind.lost - kind.won
  if (netLost <= settings.kindMargin * kind.tasks) return false
  return signTestPValue(kind.lost, kind.won) < settings.kindAlpha
}

function resultsByKind(results: readonly TaskResult[]): readonly KindResult[] {
  return [...Map.groupBy(results, (result) => result.kind)]
    .map(([kind, ofKind]) => ({
      kind,
      tasks: ofKind.length,
      candidateRight: ofKind.filter((result) => result.candidateRight).length,
      servingRight: ofKind.filter((result) => result.servingRight).length,
      won: ofKind.filter((result) => result.candidateRight && !result.servingRight).length,
      lost: ofKind.filter((result) => !result.candidateRight && result.servingRight).length,
    }))
    .toSorted((left, right) => (left.kind < right.kind ? -1 : 1))
}

/**
 * One-sided sign test (the exact McNemar test): the chance of at least `won` of `won + lost`
 * discordant tasks going to the one side when neither is better (binomial, one half).
 */
export function signTestPValue(won: number, lost: number): number {
  const discordant = won + lost
  let tail = 0
  let logCoefficient = 0
  for (let wins = 0; wins <= discordant; wins += 1) {
    if (wins > 0) logCoefficient += Math.log((discordant - wins + 1) / wins)
    if (wins >= won) tail += Math.exp(logCoefficient - discordant * Math.LN2)
  }
  return Math.min(1, tail)
}

function formatP(pValue: number): string {
  return pValue < 0.0001 ? 'below 0.0001' : pValue.toPrecision(2)
}

function sum(kinds: readonly KindResult[], value: (kind: KindResult) => number): number {
  return kinds.reduce((total, kind) => total + value(kind), 0)
}
