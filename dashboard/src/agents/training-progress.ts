import type { VillageStatus } from '../../../src/http/contract.ts'
import { countText } from '../page/format.ts'

type Agent = VillageStatus['agents'][number]
type Run = VillageStatus['runs'][number]

export type TrainingProgress = {
  readonly percent: number
  readonly words: string
  readonly running: boolean
}

/** The way to the agent's next training, or through the one that is under way. */
export function trainingProgress(agent: Agent, runs: readonly Run[]): TrainingProgress {
  const current = runs.find(
    (run) => run.agent === agent.name && (run.status === 'running' || run.status === 'evaluating'),
  )
  if (current?.status === 'evaluating') {
    return { percent: 100, words: 'at the gate', running: true }
  }
  if (current) {
    const steps = current.maxSteps > 0 ? `, step ${current.step} of ${current.maxSteps}` : ''
    return { percent: runPercent(current), words: `${current.phase}${steps}`, running: true }
  }
  const missing = agent.examplesUntilTraining
  if (missing <= 0)
    return { percent: 100, words: 'enough examples, about to start', running: false }
  // What was gathered since the last training is not told: all examples stand for it.
  const percent = (100 * agent.trainingExamples) / (agent.trainingExamples + missing)
  return { percent, words: `${countText(missing)} more examples`, running: false }
}

export function runPercent(run: Run): number {
  return run.maxSteps > 0 ? Math.min(100, (100 * run.step) / run.maxSteps) : 0
}
