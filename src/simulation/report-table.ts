import type { ReportPeriod, SimulationReport } from './report.ts'
import { renderTable } from './text-table.ts'

/** The report as plain text for a terminal. */
export function renderReport(report: SimulationReport): string {
  const measures = [['', 'whole run', `last ${report.last.tasks}`], ...rows(report, report.last)]
  const families = [
    ['family', 'expected', 'tasks', 'local', 'right', 'last local', 'last right'],
    ...Object.entries(report.tasksByFamily).map(([key, tasks]) => [
      key,
      report.expectationByFamily[key] ?? '',
      String(tasks),
      percent(report.localShareByFamily[key]),
      percent(report.qualityByFamily[key]),
      percent(report.last.localShareByFamily[key]),
      percent(report.last.qualityByFamily[key]),
    ]),
  ]
  const first =
    report.firstPromotionSeconds === null
      ? 'no promotion'
      : `first promotion after ${report.firstPromotionSeconds.toFixed(1)} s`
  return `Simulated: every frontier answer came from the simulated OpenRouter; ${first}.\n\n${renderTable(measures)}\n\n${renderTable(families)}\n`
}

function rows(whole: ReportPeriod, last: ReportPeriod): readonly (readonly string[])[] {
  const measures: readonly (readonly [string, (period: ReportPeriod) => string])[] = [
    ['tasks', (period) => String(period.tasks)],
    ['local share', (period) => percent(period.localShare)],
    ['quality', (period) => percent(period.quality)],
    ["always-frontier's quality", (period) => percent(period.frontierQuality)],
    ['cost', (period) => `$${period.costUsd.toFixed(4)}`],
    ["always-frontier's cost", (period) => `$${period.alwaysFrontierCostUsd.toFixed(4)}`],
    ['cost / always-frontier', (period) => percent(costRatio(period))],
    ['promotions', (period) => String(period.promotions)],
    ['rollbacks', (period) => String(period.rollbacks)],
    ['refused by the gate', (period) => String(period.refusedByGate)],
    ...(whole.hindsight === null ? [] : hindsightMeasures),
  ]
  return measures.map(([name, read]) => [name, read(whole), read(last)])
}

const hindsightMeasures: readonly (readonly [string, (period: ReportPeriod) => string])[] = [
  ['tasks with a score', ({ hindsight }) => String(hindsight?.scoredTasks ?? 0)],
  ['certified local share of them', ({ hindsight }) => percent(hindsight?.certifiedLocalShare)],
  [
    'best fixed threshold, by the truth',
    ({ hindsight }) => percent(hindsight?.bestFixedThresholdShare),
  ],
  ['lost of the local answers', ({ hindsight }) => percent(hindsight?.certifiedLoss)],
]

function costRatio(period: ReportPeriod): number | null {
  return period.alwaysFrontierCostUsd === 0 ? null : period.costUsd / period.alwaysFrontierCostUsd
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`
}
