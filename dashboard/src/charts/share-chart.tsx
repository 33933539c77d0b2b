import { AreaChart } from '@mantine/charts'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { shareText } from '../page/format.ts'
import { ChartCard } from './chart-card.tsx'
import { ChartTooltip, chartBase, chartMargin, seriesColors, taskAxis } from './chart-style.tsx'
import { drawable, shareRows } from './series.ts'

const labels = { all: 'All', king: 'King', sage: 'Sage', magi: 'Magi' }

export function ShareChart({
  points,
}: {
  readonly points: readonly VillageStatus['series'][number][]
}) {
  const rows = shareRows(points)
  const now = points.at(-1)?.localShare ?? null
  const empty = drawable(rows.map((row) => row.all))
    ? null
    : 'The line begins after the first tasks. Send one, or wait for the demo traffic.'
  return (
    <ChartCard
      title="Answered by the local model"
      figure={shareText(now)}
      note="Share of tasks, over tasks answered"
      summary={`Share of tasks answered locally, now ${shareText(now)}`}
      empty={empty}
    >
      <AreaChart
        {...chartBase}
        data={rows}
        xAxisProps={taskAxis(rows)}
        withGradient
        fillOpacity={0.35}
        areaChartProps={{ margin: chartMargin }}
        valueFormatter={(value) => `${value} %`}
        yAxisProps={{ domain: [0, 100], ticks: [0, 25, 50, 75, 100], width: 48 }}
        areaProps={(series) => ({
          isAnimationActive: false,
          strokeWidth: series.name === 'all' ? 3 : 1.5,
          fillOpacity: series.name === 'all' ? 1 : 0,
        })}
        tooltipProps={{
          content: ({ payload }) => (
            <ChartTooltip payload={payload} labels={labels} valueText={(value) => `${value} %`} />
          ),
        }}
        series={[
          { name: 'king', label: labels.king, color: seriesColors.king },
          { name: 'sage', label: labels.sage, color: seriesColors.sage },
          { name: 'magi', label: labels.magi, color: seriesColors.magi },
          { name: 'all', label: labels.all, color: seriesColors.all },
        ]}
      />
    </ChartCard>
  )
}
