import { LineChart } from '@mantine/charts'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { moneyText, shareText } from '../page/format.ts'
import { ChartCard } from './chart-card.tsx'
import { ChartTooltip, chartBase, chartMargin, seriesColors, taskAxis } from './chart-style.tsx'
import { drawable, moneyRows, savedShare } from './series.ts'

const labels = { spent: 'Spent', alwaysFrontier: 'Always frontier' }

export function MoneyChart(props: {
  readonly points: readonly VillageStatus['series'][number][]
  readonly totals: VillageStatus['totals']
  readonly simulated: boolean
}) {
  const { points, totals } = props
  const rows = moneyRows(points)
  const share = shareText(savedShare(totals.savedUsd, totals.alwaysFrontierCostUsd))
  const prices = props.simulated
    ? 'simulated answers at real-sized prices'
    : 'as the provider bills'
  const empty = drawable(rows.map((row) => row.spent)) ? null : 'Nothing has been spent yet.'
  return (
    <ChartCard
      title="Money spent"
      figure={`${share} saved`}
      note={`In all, audits and teachers included; ${prices}`}
      summary={`Spent ${moneyText(totals.costUsd)} where always asking the frontier would have cost ${moneyText(totals.alwaysFrontierCostUsd)}`}
      empty={empty}
    >
      <LineChart
        {...chartBase}
        data={rows}
        xAxisProps={taskAxis(rows)}
        valueFormatter={moneyText}
        yAxisProps={{ width: 64 }}
        lineProps={{ isAnimationActive: false }}
        lineChartProps={{ margin: chartMargin }}
        tooltipProps={{
          content: ({ payload }) => (
            <ChartTooltip payload={payload} labels={labels} valueText={moneyText} />
          ),
        }}
        series={[
          {
            name: 'alwaysFrontier',
            label: labels.alwaysFrontier,
            color: seriesColors.frontier,
            strokeDasharray: '5 4',
          },
          { name: 'spent', label: labels.spent, color: seriesColors.local },
        ]}
      />
    </ChartCard>
  )
}
