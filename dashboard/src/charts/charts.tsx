import { SimpleGrid } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { MoneyChart } from './money-chart.tsx'
import { QualityChart } from './quality-chart.tsx'
import { thinOut } from './series.ts'
import { ShareChart } from './share-chart.tsx'
import { ThresholdChart } from './threshold-chart.tsx'

const mostPoints = 160

/** Its own chunk: the page stands before the chart library has come. */
export default function Charts({ status }: { readonly status: VillageStatus }) {
  const points = thinOut(status.series, mostPoints)
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <ShareChart points={points} />
      <MoneyChart points={points} totals={status.totals} simulated={status.simulated} />
      <QualityChart points={points} agents={status.agents} />
      <ThresholdChart points={points} agents={status.agents} />
    </SimpleGrid>
  )
}
