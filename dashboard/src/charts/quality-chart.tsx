import { LineChart } from '@mantine/charts'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { shareText } from '../page/format.ts'
import { ChartCard } from './chart-card.tsx'
import { ChartTooltip, chartBase, chartMargin, seriesColors, taskAxis } from './chart-style.tsx'
import { drawable, percentFloor, percentTicks, qualityRows, targetBand } from './series.ts'

const targetMark = {
  color: 'teal.6',
  label: 'target',
  labelPosition: 'insideBottomRight',
  strokeDasharray: '5 4',
} as const

const labels = { local: 'Local answers' }

export function QualityChart(props: {
  readonly points: readonly VillageStatus['series'][number][]
  readonly agents: VillageStatus['agents']
}) {
  const rows = qualityRows(props.points)
  const now = props.points.at(-1)?.localQuality ?? null
  const band = targetBand(props.agents)
  const values = rows.map((row) => row.local)
  const floor = percentFloor([...values, ...(band ?? [])])
  const empty = drawable(values)
    ? null
    : 'Measured once local answers are compared with the frontier’s. Until then every task goes to the frontier.'
  return (
    <ChartCard
      title="Quality of local answers"
      figure={shareText(now)}
      note="Share of compared local answers that were good enough"
      summary={`Quality of local answers, now ${shareText(now)}, with the frontier's as 100 per cent`}
      empty={empty}
    >
      <LineChart
        {...chartBase}
        data={rows}
        xAxisProps={taskAxis(rows)}
        valueFormatter={(value) => `${value} %`}
        yAxisProps={{ domain: [floor, 100], ticks: percentTicks(floor), width: 48 }}
        lineProps={{ isAnimationActive: false }}
        lineChartProps={{ margin: chartMargin }}
        referenceLines={[
          {
            y: 100,
            color: seriesColors.frontier,
            label: 'frontier',
            labelPosition: 'insideBottomRight',
          },
          ...(band && band[0] === band[1] ? [{ ...targetMark, y: band[0] }] : []),
        ]}
        referenceAreas={
          band && band[0] < band[1]
            ? [
                {
                  y1: band[0],
                  y2: band[1],
                  color: 'teal.5',
                  fillOpacity: 0.12,
                  label: { value: 'targets', position: 'insideBottomRight' },
                },
              ]
            : []
        }
        tooltipProps={{
          content: ({ payload }) => (
            <ChartTooltip payload={payload} labels={labels} valueText={(value) => `${value} %`} />
          ),
        }}
        series={[{ name: 'local', label: labels.local, color: seriesColors.local }]}
      />
    </ChartCard>
  )
}
