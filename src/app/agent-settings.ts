import { availableParallelism } from 'node:os'
import { defaultAgentsSettings } from '../agents/default-settings.ts'
import type { AgentsSettings } from '../agents/default-settings.ts'
import { agentNames } from '../kernel/agent-name.ts'
import { defaultLearningSettings } from '../learning/learning-settings.ts'
import type { LearningSettings } from '../learning/learning-settings.ts'
import { tinyStudentTrainerSettings } from '../learning/trainer-process.ts'
import type { TrainerSettings } from '../learning/trainer-process.ts'
import type { VillageSettings } from '../village/settings.ts'

export function agentsSettingsFrom(settings: VillageSettings): AgentsSettings {
  const merged = agentNames.map((name) => {
    const { frontierModel, teacherModel } = settings.agents[name]
    return [name, { ...defaultAgentsSettings[name], frontierModel, teacherModel }] as const
  })
  return Object.fromEntries(merged) as AgentsSettings
}

export function learningSettingsFrom(settings: VillageSettings): LearningSettings {
  const { enabled, heldOutShare, examplesPerRun, teacherShare } = settings.learning
  return {
    ...defaultLearningSettings,
    enabled,
    heldOutShare,
    trigger: { ...defaultLearningSettings.trigger, newExamples: examplesPerRun },
    teacher: { ...defaultLearningSettings.teacher, share: teacherShare },
  }
}

export function trainerSettingsFrom({ learning }: VillageSettings): TrainerSettings {
  const { sft } = tinyStudentTrainerSettings
  const maxSteps = learning.trainingSteps ?? sft.maxSteps
  return { ...tinyStudentTrainerSettings, sft: { ...sft, maxSteps } }
}

export function agentsModels<Value>(
  settings: AgentsSettings,
  read: (agent: AgentsSettings['king']) => Value,
): Readonly<Record<'king' | 'sage' | 'magi', Value>> {
  return { king: read(settings.king), sage: read(settings.sage), magi: read(settings.magi) }
}

/** One core stays with the gateway, and small matrices gain little from a second thread. */
export function trainerThreads(): number {
  return Math.max(1, availableParallelism() - 1)
}
