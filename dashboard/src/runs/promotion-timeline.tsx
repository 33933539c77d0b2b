import { Group, Paper, Text, Timeline, Title } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { AgentBadge } from '../agents/agent-badge.tsx'
import { agoText, shortHash } from '../page/format.ts'
import page from '../page/page.module.css'

type Promotion = VillageStatus['promotions'][number]

const actions = {
  promotion: { text: 'Promoted', sign: '↑', color: 'teal' },
  rollback: { text: 'Rolled back', sign: '↓', color: 'red' },
  forced: { text: 'Forced by the operator', sign: '!', color: 'orange' },
} as const satisfies Record<Promotion['action'], { text: string; sign: string; color: string }>

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
        <Timeline bulletSize={24} lineWidth={2} active={props.promotions.length}>
          {props.promotions.map((promotion) => {
            const action = actions[promotion.action]
            return (
              <Timeline.Item
                key={promotion.id}
                color={action.color}
                bullet={<span aria-hidden>{action.sign}</span>}
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
                  <code className={page.hash}>{hashOrBase(promotion.from)}</code> →{' '}
                  <code className={page.hash}>{hashOrBase(promotion.to)}</code>
                </Text>
              </Timeline.Item>
            )
          })}
        </Timeline>
      )}
    </Paper>
  )
}

function hashOrBase(hash: string | null): string {
  return hash === null ? 'untrained' : shortHash(hash)
}
