import { Badge, Paper, Text, Title, UnstyledButton } from '@mantine/core'
import type { VillageStatus } from '../../../src/http/contract.ts'
import { AgentBadge } from '../agents/agent-badge.tsx'
import { agoText, moneyText } from '../page/format.ts'
import { FewFirst } from '../page/few-first.tsx'
import page from '../page/page.module.css'
import { ComplexityGauge } from './complexity-gauge.tsx'
import classes from './decisions.module.css'
import { RouteBadge } from './route-badge.tsx'

type Decision = VillageStatus['decisions'][number]

export function DecisionList(props: {
  readonly decisions: readonly Decision[]
  readonly nowMs: number
  readonly onOpen: (decisionId: string) => void
}) {
  return (
    <Paper component="section" className={page.card} aria-labelledby="decisions-title">
      <Title order={2} id="decisions-title" className={page.cardTitle}>
        Latest decisions
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        Open one to follow it from the request to the data its model was trained on
      </Text>
      {props.decisions.length === 0 && (
        <Text size="sm" c="dimmed" py="xl" ta="center">
          No task yet. Point an OpenAI client at this village with the model name{' '}
          <code className={page.hash}>village</code>.
        </Text>
      )}
      <FewFirst items={props.decisions} few={8}>
        {(shown) => (
          <ul className={classes.list}>
            {shown.map((decision) => (
              <li key={decision.id}>
                <DecisionLine decision={decision} nowMs={props.nowMs} onOpen={props.onOpen} />
              </li>
            ))}
          </ul>
        )}
      </FewFirst>
    </Paper>
  )
}

function DecisionLine(props: {
  readonly decision: Decision
  readonly nowMs: number
  readonly onOpen: (decisionId: string) => void
}) {
  const { decision } = props
  return (
    <UnstyledButton
      className={classes.line}
      onClick={() => props.onOpen(decision.id)}
      aria-label={`Follow the decision: ${decision.route}, ${decision.preview}`}
      data-decision={decision.id}
    >
      <div className={classes.badges}>
        <RouteBadge route={decision.route} />
        <AgentBadge agent={decision.agent} />
        {decision.audited && (
          <Badge
            variant="outline"
            color="gray"
            size="sm"
            title="Also sent to the frontier, to check"
          >
            audited
          </Badge>
        )}
      </div>
      <div className={classes.words}>
        <Text size="sm" className={classes.preview}>
          {decision.preview}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={2}>
          {decision.reason}
        </Text>
      </div>
      <ComplexityGauge complexity={decision.complexity} threshold={decision.threshold} />
      <div className={classes.outcome}>
        <Text size="sm" fw={600} className={page.digits}>
          {decision.savedUsd > 0 ? `${moneyText(decision.savedUsd)} saved` : '–'}
        </Text>
        <Text size="xs" c="dimmed">
          {agoText(decision.atMs, props.nowMs)}
        </Text>
      </div>
    </UnstyledButton>
  )
}
