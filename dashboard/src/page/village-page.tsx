import { Drawer, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { Suspense, lazy, useState } from 'react'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { AgentCard } from '../agents/agent-card.tsx'
import { DecisionList } from '../decisions/decision-list.tsx'
import { DecisionTrail } from '../decisions/decision-trail.tsx'
import { LoopPicture } from '../loop/loop-picture.tsx'
import { PromotionTimeline } from '../runs/promotion-timeline.tsx'
import { RunList } from '../runs/run-list.tsx'
import { Hero } from './hero.tsx'
import { newestFirst } from './newest-first.ts'
import classes from './page.module.css'
import { useVillageNow } from './use-village-now.ts'

const Charts = lazy(() => import('../charts/charts.tsx'))

export function VillagePage(props: { readonly status: VillageStatus; readonly apiKey: string }) {
  const { status } = props
  const [openDecision, setOpenDecision] = useState<string | null>(null)
  const nowMs = useVillageNow(status.nowMs)
  const runs = newestFirst(status.runs, (run) => run.startedAtMs)
  return (
    <Stack gap="lg">
      <Hero status={status} />
      <LoopPicture status={status} />
      <Suspense fallback={<Skeleton height={640} radius="lg" />}>
        <Charts status={status} />
      </Suspense>
      <section aria-labelledby="agents-title">
        <Title order={2} id="agents-title" className={classes.sectionTitle}>
          Agents
        </Title>
        <SimpleGrid cols={{ base: 1, md: 3 }} spacing="lg">
          {status.agents.map((agent) => (
            <AgentCard
              key={agent.name}
              agent={agent}
              runs={runs}
              nowMs={nowMs}
              apiKey={props.apiKey}
            />
          ))}
        </SimpleGrid>
      </section>
      <div className={classes.columns}>
        <RunList runs={runs} nowMs={nowMs} />
        <PromotionTimeline
          promotions={newestFirst(status.promotions, (promotion) => promotion.atMs)}
          nowMs={nowMs}
        />
      </div>
      <DecisionList
        decisions={newestFirst(status.decisions, (decision) => decision.atMs)}
        nowMs={nowMs}
        onOpen={setOpenDecision}
      />
      <Text size="xs" c="dimmed" ta="center">
        Frontier: {status.frontier.baseUrl}
      </Text>
      <Drawer
        opened={openDecision !== null}
        onClose={() => setOpenDecision(null)}
        position="right"
        size="lg"
        title="From the request to the saving"
        classNames={{ title: classes.drawerTitle }}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {openDecision !== null && <DecisionTrail apiKey={props.apiKey} decisionId={openDecision} />}
      </Drawer>
    </Stack>
  )
}
