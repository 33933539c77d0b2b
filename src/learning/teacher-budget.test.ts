import { expect, test } from 'vitest'
import type { NanoUsd } from '../kernel/money.ts'
import { fingerprintOf } from './held-out.ts'
import { tasksFor, userMessage } from './learning-fixtures.ts'
import { defaultLearningSettings } from './learning-settings.ts'
import { adviseOnTeacher } from './teacher-budget.ts'
import type { TeacherQuestion } from './teacher-budget.ts'

const [trainText = ''] = tasksFor('train', 1)
const [heldOutText = ''] = tasksFor('held-out', 1)
const question: TeacherQuestion = {
  fingerprint: fingerprintOf('king', userMessage(trainText)),
  heldOutShare: 0.12,
  usableExamplesSincePromotion: 0,
  localQuality: null,
  targetQuality: 0.95,
  teacherCost: 200 as NanoUsd,
  frontierCost: 1000 as NanoUsd,
  expectedCost: 50 as NanoUsd,
}

function asks(change: Partial<TeacherQuestion>): boolean {
  return adviseOnTeacher({ ...question, ...change }, defaultLearningSettings.teacher).ask
}

test('asks the teacher while the agent is learning and its share lasts', () => {
  expect(asks({})).toBe(true)
  expect(asks({ expectedCost: 51 as NanoUsd })).toBe(false)
})

test('asks no more once there are enough examples, until quality falls below its target', () => {
  const enough = { usableExamplesSincePromotion: 1500 }

  expect(asks(enough)).toBe(false)
  expect(asks({ ...enough, localQuality: 0.96 })).toBe(false)
  expect(asks({ ...enough, localQuality: 0.9 })).toBe(true)
})

test('does not ask for tasks that are held out', () => {
  expect(asks({ fingerprint: fingerprintOf('king', userMessage(heldOutText)) })).toBe(false)
})
