import type { TriggerSettings } from './learning-settings.ts'

export type TrainingNeed = {
  /** Training examples since the last run that finished (promoted, refused or failed). */
  readonly newExamples: number
  readonly heldOutExamples: number
  readonly minimumHeldOut: number
  readonly unsuccessfulRunsInARow: number
  /** True after a rollback, or while local quality is measured below its target. */
  readonly qualityFell: boolean
  readonly running: boolean
  /** From `Trainer.unavailableBecause`. */
  readonly unavailableBecause: string | null
}

export type TrainingAdvice =
  | { readonly train: true; readonly reason: string }
  | { readonly train: false; readonly reason: string; readonly examplesUntilTraining: number }

/** Whether an agent should train now, and if not how many new examples are missing. */
export function adviseOnTraining(need: TrainingNeed, settings: TriggerSettings): TrainingAdvice {
  const wanted = wantedExamples(need, settings)
  const examplesUntilTraining = Math.max(0, wanted - need.newExamples)
  const wait = (reason: string): TrainingAdvice => ({
    train: false,
    reason,
    examplesUntilTraining,
  })
  if (examplesUntilTraining > 0) {
    return wait(`${need.newExamples} of ${wanted} new examples`)
  }
  if (need.heldOutExamples < need.minimumHeldOut) {
    return wait(`${need.heldOutExamples} of ${need.minimumHeldOut} held-out tasks to examine with`)
  }
  if (need.unavailableBecause !== null) return wait(need.unavailableBecause)
  if (need.running) return wait('another training run is under way')
  return {
    train: true,
    reason: need.qualityFell
      ? `quality fell and there are ${need.newExamples} new examples`
      : `${need.newExamples} new examples`,
  }
}

function wantedExamples(need: TrainingNeed, settings: TriggerSettings): number {
  const base = need.qualityFell
    ? Math.min(settings.newExamples, settings.newExamplesAfterQualityFell)
    : settings.newExamples
  const factor = Math.min(settings.maxBackOff, settings.backOff ** need.unsuccessfulRunsInARow)
  return Math.ceil(base * factor)
}
