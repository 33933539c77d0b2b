import { LineChart } from '@mantine/charts'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { agentTitle } from '../loop/loop-stages.ts'
import { ChartCard } from './chart-card.tsx'
import { ChartTooltip, chartBase, chartMargin, seriesColors, taskAxis } from './chart-style.tsx'
import { drawable, thresholdRows } from './series.ts'

const labels = { king: 'King', sage: 'Sage', magi: 'Magi' }

export function ThresholdChart(props: {
  readonly points: readonly VillageStatus['series'][number][]
  readonly agents: VillageStatus['agents']
}) {
  const rows = thresholdRows(props.points)
  const now = props.agents
    .map((agent) => `${agentTitle(agent.name)} ${agent.threshold.toFixed(2)}`)
    .join(', ')
  const empty = drawable(rows.map((row) => row.king)) ? null : 'No tasks yet.'
  return (
    <ChartCard
      title="Thresholds"
      figure=""
      note="A task stays local when its complexity is below its agent’s threshold"
      summary={`Thresholds now: ${now}`}
      empty={empty}
    >
      <LineChart
        {...chartBase}
        curveType="stepAfter"
        data={rows}
        xAxisProps={taskAxis(rows)}
        valueFormatter={(value) => value.toFixed(2)}
        yAxisProps={{ domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], width: 48 }}
        lineProps={{ isAnimationActive: false }}
        lineChartProps={{ margin: chartMargin }}
        tooltipProps={{
          content: ({ payload }) => (
            <ChartTooltip
              payload={payload}
              labels={labels}
              valueText={(value) => value.toFixed(2)}
            />
          ),
        }}
        series={[
          { name: 'king', label: labels.king, color: seriesColors.king },
          { name: 'sage', label: labels.sage, color: seriesColors.sage },
          { name: 'magi', label: labels.magi, color: seriesColors.magi },
        ]}
      />
    </ChartCard>
  )
}
