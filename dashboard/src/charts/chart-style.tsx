import { Paper, Text } from '@mantine/core'
import { clockText, countedText, shortCountText } from '../page/format.ts'
import classes from '../page/page.module.css'
import { roundTicks } from './series.ts'

/** The fixed colours: one per agent, one for the village as a whole, grey for the frontier. */
export const seriesColors = {
  all: 'indigo.5',
  local: 'indigo.5',
  frontier: 'gray.6',
  king: 'orange.5',
  sage: 'teal.5',
  magi: 'grape.5',
} as const

/** What all charts share: tasks on the x axis, no animation (data comes every second), no dots. */
export const chartBase = {
  h: 220,
  dataKey: 'tasks',
  withDots: false,
  connectNulls: false,
  curveType: 'monotone',
  strokeWidth: 2,
  gridAxis: 'x',
  tickLine: 'none',
  withLegend: true,
  legendProps: { verticalAlign: 'bottom', height: 28, itemSorter: null },
} as const

/** Room for the topmost label. */
export const chartMargin = { top: 12, right: 12, bottom: 0, left: 0 } as const

/** Tasks answered, at round numbers. */
export function taskAxis(rows: readonly { readonly tasks: number }[]) {
  const most = rows.at(-1)?.tasks ?? 0
  return {
    type: 'number',
    domain: [0, most],
    ticks: roundTicks(most),
    tickFormatter: shortCountText,
  } as const
}

type TooltipEntry = {
  readonly name?: string | number | undefined
  readonly value?: unknown
  readonly color?: string | undefined
  readonly payload?: { readonly atMs?: number; readonly tasks?: number }
}

export function ChartTooltip(props: {
  readonly payload?: readonly TooltipEntry[] | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly valueText: (value: number) => string
}) {
  const entries = props.payload?.filter((entry) => typeof entry.value === 'number') ?? []
  const point = entries[0]?.payload
  if (!point) return null
  return (
    <Paper shadow="md" withBorder px="sm" py="xs" radius="md">
      <Text size="xs" c="dimmed">
        {countedText(point.tasks ?? 0, 'task')} · {clockText(point.atMs ?? 0)}
      </Text>
      {entries.map((entry) => (
        <div key={entry.name} className={classes.tooltipRow}>
          <span className={classes.swatch} style={{ background: entry.color }} />
          <Text size="sm">{props.labels[String(entry.name)] ?? entry.name}</Text>
          <Text size="sm" fw={600} ml="auto" className={classes.digits}>
            {props.valueText(entry.value as number)}
          </Text>
        </div>
      ))}
    </Paper>
  )
}
