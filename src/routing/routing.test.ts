import { expect, test, vi } from 'vitest'
import { familyOf, sumsByLength } from './synthetic-families.ts'
import { runSyntheticVillage } from './synthetic-village.ts'
import type { SyntheticFamily, SyntheticReport } from './synthetic-village.ts'

const seeds = [1, 2]
vi.setConfig({ testTimeout: 120_000 })

function runs(
  families: readonly SyntheticFamily[],
  labels: { labelNoise: number; heldOutLabels: number },
): readonly SyntheticReport[] {
  return seeds.map((seed) => runSyntheticVillage({ families, seed, tasks: 2200, ...labels }))
}

function mean(reports: readonly SyntheticReport[], of: (report: SyntheticReport) => number) {
  return reports.reduce((sum, report) => sum + of(report), 0) / reports.length
}

const share = (name: string) => (report: SyntheticReport) => report.localShareByFamily[name] ?? 0

test.each([
  { labelNoise: 0.01, heldOutLabels: 160 },
  { labelNoise: 0.02, heldOutLabels: 40 },
])('sends known families to the local model and half-known ones to the frontier: %o', (labels) => {
  const families = [
    familyOf('parcels', 0.35, 0.985),
    familyOf('menus', 0.35, 0.97),
    familyOf('songs', 0.15, 0.7),
    familyOf('letters', 0.15, 0),
  ]

  const reports = runs(families, labels)

  expect(mean(reports, share('parcels'))).toBeGreaterThan(0.9)
  expect(mean(reports, share('menus'))).toBeGreaterThan(0.9)
  expect(mean(reports, share('songs'))).toBeLessThan(0.05)
  expect(mean(reports, share('letters'))).toBeLessThan(0.05)
  expect(mean(reports, (report) => report.relativeQuality)).toBeGreaterThan(0.98)
  expect(mean(reports, (report) => report.frontierCalls)).toBeLessThan(500)
})

test('keeps the quality where many families are half known', () => {
  const families = [
    familyOf('parcels', 0.25, 0.97),
    familyOf('menus', 0.25, 0.85),
    familyOf('songs', 0.25, 0.6),
    familyOf('routes', 0.25, 0.5),
  ]

  const reports = runs(families, { labelNoise: 0.02, heldOutLabels: 120 })

  expect(mean(reports, (report) => report.relativeQuality)).toBeGreaterThan(0.98)
  expect(mean(reports, share('songs'))).toBeLessThan(0.05)
  expect(mean(reports, share('routes'))).toBeLessThan(0.05)
})

test('does not serve a kind locally whose tasks are partly far too hard', () => {
  const families = [familyOf('parcels', 0.5, 0.99), sumsByLength(0.5, 4)]

  const reports = runs(families, { labelNoise: 0.01, heldOutLabels: 120 })

  expect(mean(reports, (report) => report.relativeQuality)).toBeGreaterThan(0.98)
  expect(mean(reports, share('parcels'))).toBeGreaterThan(0.9)
})

test('takes a family back from the local model when it gets worse', () => {
  const families: readonly SyntheticFamily[] = [
    familyOf('menus', 0.5, 0.99),
    {
      ...familyOf('parcels', 0.5, 1),
      localRight: ({ taskNumber }) => (taskNumber < 800 ? 0.99 : 0.3),
    },
  ]

  const reports = runs(families, { labelNoise: 0.01, heldOutLabels: 160 })

  expect(mean(reports, share('parcels'))).toBeLessThan(0.1)
})
