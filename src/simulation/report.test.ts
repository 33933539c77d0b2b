import { expect, test } from 'vitest'
import type { NanoUsd } from '../kernel/money.ts'
import { renderReport } from './report-table.ts'
import { createReport } from './report.ts'
import type { TaskOutcome } from './report.ts'

function outcome(changes: Partial<TaskOutcome>): TaskOutcome {
  return {
    family: 'triage',
    agent: 'king',
    expectation: 'learnable',
    route: 'frontier',
    right: true,
    frontierRight: true,
    cost: 100_000 as NanoUsd,
    alwaysFrontierCost: 100_000 as NanoUsd,
    ...changes,
  }
}

const early = Array.from({ length: 500 }, () => outcome({}))
const late = Array.from({ length: 1000 }, (_, index) =>
  outcome({
    route: index < 750 ? 'local' : 'frontier',
    right: index % 100 !== 0,
    cost: (index < 750 ? 0 : 100_000) as NanoUsd,
  }),
)
const events = [
  { type: 'refused-by-gate', atSeconds: 20, afterTasks: 200 },
  { type: 'promotion', atSeconds: 61.5, afterTasks: 400 },
  { type: 'promotion', atSeconds: 90, afterTasks: 900 },
  { type: 'rollback', atSeconds: 95, afterTasks: 950 },
] as const

test('reports share, quality and money for the whole run and for its last 1,000 tasks', () => {
  const report = createReport([...early, ...late], events)

  expect(report).toMatchObject({ tasks: 1500, localShare: 0.5, frontierQuality: 1 })
  expect(report.quality).toBeCloseTo(1490 / 1500)
  expect(report.costUsd).toBeCloseTo(0.075)
  expect(report.last).toMatchObject({ tasks: 1000, localShare: 0.75, quality: 0.99 })
  expect(report.last.costUsd).toBeCloseTo(0.025)
  expect(report.last.alwaysFrontierCostUsd).toBeCloseTo(0.1)
})

test('counts promotions, rollbacks and refusals in the period in which they happened', () => {
  const report = createReport([...early, ...late], events)

  expect(report.firstPromotionSeconds).toBe(61.5)
  expect(report).toMatchObject({ promotions: 2, rollbacks: 1, refusedByGate: 1 })
  expect(report.last).toMatchObject({ promotions: 1, rollbacks: 1, refusedByGate: 0 })
})

test('gives the local share of each family apart', () => {
  const other = outcome({ family: 'sql-select', agent: 'magi', route: 'local' })

  const report = createReport([outcome({}), other], [])

  expect(report.localShareByFamily).toEqual({ 'king/triage': 0, 'magi/sql-select': 1 })
})

test('says null where there is nothing to measure', () => {
  const report = createReport([], [])

  expect(report).toMatchObject({ tasks: 0, localShare: null, firstPromotionSeconds: null })
})

test('renders a table that says it is simulated', () => {
  const text = renderReport(createReport([...early, ...late], events))

  expect(text).toContain('Simulated')
  expect(text).toMatch(/local share +50\.0 % +75\.0 %/)
  expect(text).toMatch(/king\/triage +learnable +1500 +50\.0 % +99\.3 % +75\.0 % +99\.0 %/)
})
