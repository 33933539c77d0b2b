import { expect, test } from 'vitest'
import { SelfEvolvingSystem } from './self-evolving-system.ts'

const bounds = {
  teacherShare: { least: 0.05, most: 0.25 },
  leastAuditProbability: { least: 0.05, most: 0.2 },
}

function quality(localQuality: number) {
  return { type: 'quality', localQuality, targetQuality: 0.95 } as const
}

test('asks the teacher less while quality is comfortably on target, down to its bound', () => {
  const system = new SelfEvolvingSystem(bounds)

  const changes = [quality(0.98), quality(0.98), quality(0.98)].map((one) => system.adapt(one))

  expect(changes[0]).toEqual([
    {
      name: 'teacherShare',
      from: 0.25,
      to: 0.125,
      reason: 'local quality is comfortably on target',
    },
  ])
  expect(system.settings.teacherShare).toBe(0.05)
})

test('asks the teacher more when quality is below its target, and leaves the edge alone', () => {
  const system = new SelfEvolvingSystem(bounds)
  system.adapt(quality(0.98))

  expect(system.adapt(quality(0.955))).toEqual([])
  system.adapt(quality(0.9))

  expect(system.settings.teacherShare).toBe(0.25)
})

test('audits more after a rollback, never beyond its bound', () => {
  const system = new SelfEvolvingSystem(bounds)

  for (let rollback = 0; rollback < 5; rollback += 1) system.adapt({ type: 'rollback' })

  expect(system.settings.leastAuditProbability).toBe(0.2)
})

test('takes up saved settings, but nothing out of bounds or of another shape', () => {
  const system = new SelfEvolvingSystem(bounds)

  system.restore({ teacherShare: 0.1, leastAuditProbability: 7 })
  expect(system.settings).toEqual({ teacherShare: 0.1, leastAuditProbability: 0.2 })
  system.restore(['nonsense'])

  expect(system.settings).toEqual({ teacherShare: 0.1, leastAuditProbability: 0.2 })
})
