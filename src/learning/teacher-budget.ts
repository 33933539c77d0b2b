import type { NanoUsd } from '../kernel/money.ts'
import { isHeldOut } from './held-out.ts'
import type { TeacherSettings } from './learning-settings.ts'

export type TeacherQuestion = {
  readonly fingerprint: string
  readonly heldOutShare: number
  readonly usableExamplesSincePromotion: number
  /** Quality of the local answers, 0–1; null while nothing was measured. */
  readonly localQuality: number | null
  readonly targetQuality: number
  /** What teacher and frontier of this agent have cost so far, and this call is expected to. */
  readonly teacherCost: NanoUsd
  readonly frontierCost: NanoUsd
  readonly expectedCost: NanoUsd
}

export type TeacherAdvice = { readonly ask: boolean; readonly reason: string }

/** Whether the agent's teacher should be asked this task too, and why (not). */
export function adviseOnTeacher(
  question: TeacherQuestion,
  settings: TeacherSettings,
): TeacherAdvice {
  if (isHeldOut(question.fingerprint, question.heldOutShare)) {
    return { ask: false, reason: 'the task is held out for examination' }
  }
  const hasEnough = question.usableExamplesSincePromotion >= settings.examplesWanted
  const isBelowTarget =
    question.localQuality !== null && question.localQuality < question.targetQuality
  if (hasEnough && !isBelowTarget) {
    return { ask: false, reason: 'the agent has enough examples and its quality is on target' }
  }
  const budget = settings.share * question.frontierCost
  if (question.teacherCost + question.expectedCost > budget) {
    return { ask: false, reason: `the teacher's share of ${settings.share} is spent` }
  }
  return {
    ask: true,
    reason: hasEnough ? 'local quality is below its target' : 'the agent is still learning',
  }
}
