import { Group, Paper, Text, Timeline, Title } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { AgentBadge } from '../agents/agent-badge.tsx'
import { agoText, shortHash } from '../page/format.ts'
import { StrokeIcon } from '../page/stroke-icon.tsx'
import { FewFirst } from '../page/few-first.tsx'
import page from '../page/page.module.css'

type Promotion = VillageStatus['promotions'][number]

const actions = {
  promotion: { text: 'Promoted', path: 'M12 19V6 M6 12l6-6 6 6', color: 'teal' },
  rollback: { text: 'Rolled back', path: 'M12 5v13 M6 12l6 6 6-6', color: 'red' },
  forced: { text: 'Forced by the operator', path: 'M12 5v9 M12 18.5v.5', color: 'orange' },
} as const satisfies Record<Promotion['action'], { text: string; path: string; color: string }>

export function PromotionTimeline(props: {
  readonly promotions: readonly Promotion[]
  readonly nowMs: number
}) {
  return (
    <Paper component="section" className={page.card} aria-labelledby="promotions-title">
      <Title order={2} id="promotions-title" className={page.cardTitle} mb="md">
        Promotions and rollbacks
      </Title>
      {props.promotions.length === 0 ? (
        <Text size="sm" c="dimmed" py="xl" ta="center">
          None yet. The first checkpoint that passes the gate will stand here.
        </Text>
      ) : (
        <FewFirst items={props.promotions} few={6}>
          {(shown) => (
            <Timeline bulletSize={24} lineWidth={2} active={shown.length}>
              {shown.map((promotion) => {
                const action = actions[promotion.action]
                return (
                  <Timeline.Item
                    key={promotion.id}
                    color={action.color}
                    bullet={<StrokeIcon path={action.path} sizePx={14} />}
                    title={
                      <Group gap={8}>
                        <Text size="sm" fw={600}>
                          {action.text}
                        </Text>
                        <AgentBadge agent={promotion.agent} />
                        <Text size="xs" c="dimmed" ml="auto">
                          {agoText(promotion.atMs, props.nowMs)}
                        </Text>
                      </Group>
                    }
                  >
                    <Text size="sm">{promotion.reason}</Text>
                    <Text size="xs" c="dimmed" mt={2}>
                      <code className={page.hash}>{hashOrBase(promotion.from)}</code> to{' '}
                      <code className={page.hash}>{hashOrBase(promotion.to)}</code>
                    </Text>
                  </Timeline.Item>
                )
              })}
            </Timeline>
          )}
        </FewFirst>
      )}
    </Paper>
  )
}

function hashOrBase(hash: string | null): string {
  return hash === null ? 'untrained' : shortHash(hash)
}
