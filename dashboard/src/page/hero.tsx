import { Paper, Text } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { savedShare, targetBand } from '../charts/series.ts'
import { countText, countedText, moneyText, shareText } from './format.ts'
import classes from './header.module.css'
import page from './page.module.css'

/** The four figures that a visitor wants first. */
export function Hero({ status }: { readonly status: VillageStatus }) {
  const { totals } = status
  const last = status.series.at(-1)
  const band = targetBand(status.agents)
  const target = band
    ? band[0] === band[1]
      ? `target ${Math.round(band[0])} %`
      : `targets ${Math.round(band[0])}–${Math.round(band[1])} %`
    : 'no target'
  return (
    <section className={classes.hero} aria-label="Figures">
      <Figure
        name="Answered locally"
        value={shareText(last?.localShare ?? null)}
        note={`of the last tasks; ${countText(totals.localTasks)} of ${countedText(totals.tasks, 'task')} in all`}
      />
      <Figure
        name={status.simulated ? 'Saved (simulated)' : 'Saved so far'}
        value={moneyText(totals.savedUsd)}
        note={`${shareText(savedShare(totals.savedUsd, totals.alwaysFrontierCostUsd))} of ${moneyText(totals.alwaysFrontierCostUsd)} for always asking the frontier`}
      />
      <Figure
        name="Local quality"
        value={shareText(last?.localQuality ?? null)}
        note={`good enough against the frontier; ${target}`}
      />
      <Figure
        name="Promotions"
        value={countText(totals.promotions)}
        note={`${countText(totals.refusedByGate)} refused by the gate, ${countText(totals.rollbacks)} rolled back`}
      />
    </section>
  )
}

function Figure(props: { readonly name: string; readonly value: string; readonly note: string }) {
  return (
    <Paper className={page.card} data-figure={props.name}>
      <Text className={page.eyebrow}>{props.name}</Text>
      <Text className={classes.figure}>{props.value}</Text>
      <Text size="xs" c="dimmed" mt={4}>
        {props.note}
      </Text>
    </Paper>
  )
}
