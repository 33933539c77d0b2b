import { expect, test } from 'vitest'
import { demoFamilies } from './families/demo-families.ts'
import { createTraffic } from './traffic.ts'
import type { SimulatedTask } from './traffic.ts'

function tasksOf(seed: number, count: number): readonly SimulatedTask[] {
  const traffic = createTraffic({ seed, families: demoFamilies })
  return Array.from({ length: count }, () => traffic.next())
}

const shareOf = (
  tasks: readonly SimulatedTask[],
  claim: (task: SimulatedTask) => boolean,
): number => tasks.filter(claim).length / tasks.length

test('gives the same tasks for the same seed, and others for another', () => {
  const requests = (seed: number): unknown =>
    tasksOf(seed, 50).map(({ request, requestedModel }) => ({ request, requestedModel }))

  expect(requests(1)).toEqual(requests(1))
  expect(requests(1)).not.toEqual(requests(2))
})

test('spreads tasks over agents and families by their weights', () => {
  const tasks = tasksOf(3, 3000)

  for (const agent of ['king', 'sage', 'magi']) {
    expect(shareOf(tasks, (task) => task.agent === agent)).toBeCloseTo(1 / 3, 1)
  }
  expect(shareOf(tasks, (task) => task.expectation === 'learnable')).toBeCloseTo(0.7, 1)
  expect(shareOf(tasks, (task) => task.family === 'triage')).toBeCloseTo(0.35 / 3, 1)
})

test('leaves the choice of the agent to the village for most tasks', () => {
  const tasks = tasksOf(4, 2000)

  expect(shareOf(tasks, (task) => task.requestedModel === 'village')).toBeCloseTo(0.7, 1)
  expect(
    tasks.every(({ requestedModel, agent }) =>
      ['village', `village/${agent}`].includes(requestedModel),
    ),
  ).toBe(true)
})
